/** The header of GET /healthz that identifies the run of the server. */
export const runHeader = "carillon-run";
