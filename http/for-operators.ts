/** Options of a route that operators alone may call. */
export const forOperators = { config: { access: "operator" } } as const;
