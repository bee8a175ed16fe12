/** The header of a request that Carillon or its client has checked. Its value has no meaning. */
export const acceptedHeader = "carillon-accepted";

/** The header with its value. */
export const acceptedHeaders: Readonly<Record<string, string>> = { [acceptedHeader]: "1" };
