/** The exports of `carillon/cli`: the output of the command line. */
export { say, sayAside } from "./print.js";
export { renderTimeline } from "./timeline.js";
