/** What `carillon/cli` exports: how the command line shows things. */
export { say, sayAside } from "./print.js";
export { renderTimeline } from "./timeline.js";
