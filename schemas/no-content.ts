import type { Content } from "./generated.js";

/** Content with nothing in it. */
export const noContent: Content = {
  subject: null,
  text: null,
  html: null,
  title: null,
  data: {},
  attachments: [],
  replyTo: null,
  unsubscribeUrl: null,
};
