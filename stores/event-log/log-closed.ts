import { CarillonError } from "../../schemas/errors.js";

/** The error of each call to a log after its close. */
export const logClosed = (): CarillonError => new CarillonError("CLOSED", "the log is closed");
