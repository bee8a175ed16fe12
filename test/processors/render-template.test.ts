import { expect, it } from "vitest";
import { createTemplateRenderer } from "../../processors/render-template.js";

const renderer = createTemplateRenderer({
  hello: { email: { subject: "Hi {{ name }}", html: "<b>{{ name }}</b>" }, sms: { text: "Hi {{ name }}" } },
});

it("each part of the channel's template is rendered, and HTML is escaped", () => {
  expect(renderer.render("hello", "email", { name: "A&B" })).toEqual({ subject: "Hi A&B", html: "<b>A&amp;B</b>" });
  expect(renderer.render("hello", "sms", { name: "A&B" })).toEqual({ text: "Hi A&B" });
});

it.each([
  ["hello", "push"],
  ["constructor", "email"],
] as const)("there is no template %s for %s", (name, channel) => {
  expect(renderer.render(name, channel, {})).toBeUndefined();
});

it("a missing variable fails, and so does a map that is shown as text", () => {
  expect(() => renderer.render("hello", "sms", {})).toThrow("name");
  expect(() => renderer.render("hello", "sms", { name: { first: "Ann" } })).toThrow("a map cannot be rendered as text");
});

it("mistakes in templates are gathered, each with its place", () => {
  const problems: string[] = [];
  createTemplateRenderer({ bad: { sms: { text: "{{ name" }, email: { html: "{% if %}" } } }, problems);
  expect(problems).toEqual([
    expect.stringMatching(/^templates\.bad\.sms\.text: /),
    expect.stringMatching(/^templates\.bad\.email\.html: /),
  ]);
});
