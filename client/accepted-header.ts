/** The header of a request that Carillon itself, or its client, has checked. Its value counts for nothing. */
export const acceptedHeader = "carillon-accepted";

/** As it is sent. */
export const acceptedHeaders: Readonly<Record<string, string>> = { [acceptedHeader]: "1" };
