import { describe, expect, it } from "vitest";
import { createTemplateRenderer } from "../../processors/render-template.js";
import { createTemplateEngine } from "../../processors/template-engine.js";

const render = (text: string, variables: object = {}, part: "text" | "html" = "text"): string => {
  const problems: string[] = [];
  const renderer = createTemplateRenderer({ t: { email: { [part]: text } } }, problems);
  expect(problems).toEqual([]);
  return String(renderer.render("t", "email", variables as Record<string, unknown>)?.[part]);
};

describe("a template", () => {
  it.each([
    ["Hi {{ name | default: 'there' }}{% if code %}, {{ code }}{% endif %}", {}, "Hi there"],
    ["Hi {{ name | default: 'there' }}{% if code %}, {{ code }}{% endif %}", { name: "Ann", code: 7 }, "Hi Ann, 7"],
    ["{{ name | strip | capitalize | default: 'there' }}", {}, "there"],
    ["{{ name | default: 'there' | upcase }}", {}, "THERE"],
    ["{{ nick | default: name | default: 'you' }}", {}, "you"],
    ["{{ nick | default: name | default: 'you' }}", { name: "Ann" }, "Ann"],
    ["{{ nick | default: name }}", { nick: "A" }, "A"],
    ["{{ name | default: '' }}!", {}, "!"],
    ["{{ name | default: 'x' }}", { name: "" }, "x"],
    ["{{ user.name | default: 'you' }}", {}, "you"],
    ["{{ user.name | default: 'you' }}", { user: {} }, "you"],
    ["{% if user.name %}a{% elsif other %}b{% else %}c{% endif %}", {}, "c"],
    ["{% if a and b %}x{% else %}y{% endif %}{% if a or b %}x{% else %}y{% endif %}", { b: 1 }, "yx"],
    ["{% if plan == 'gold' %}x{% else %}y{% endif %}{% if plan != 'gold' %}z{% endif %}", {}, "yz"],
    ["{% if count > 3 %}x{% else %}y{% endif %}", {}, "y"],
    ["{% unless vip %}plain{% endunless %}", {}, "plain"],
    ["{% case plan %}{% when 'gold' %}g{% else %}other{% endcase %}", {}, "other"],
    ["{% if tags contains 'a' %}x{% else %}y{% endif %}", {}, "y"],
    ["{% if items.size > 0 %}x{% else %}none{% endif %}", {}, "none"],
    ["{% if items.size > 1 %}{{ items.size }}{% endif %}", { items: [1, 2] }, "2"],
    ["{% for item in items %}{{ item }}{% else %}none{% endfor %}", {}, "none"],
    ["{% for item in items %}{{ item }}{% else %}none{% endfor %}", { items: [] }, "none"],
    [
      "{% for i in order.items %}{{ forloop.index }}. {{ i.name }} {% endfor %}",
      { order: { items: [{ name: "a" }, { name: "b" }] } },
      "1. a 2. b ",
    ],
    ["{% for pair in prices %}{{ pair[0] }}={{ pair[1] }} {% endfor %}", { prices: { tea: 1, milk: 2 } }, "tea=1 milk=2 "],
    ["{% assign n = name | default: 'you' %}{{ n }}", {}, "you"],
    ["{% assign n = 3 %}{{ n }}", {}, "3"],
    ["{{ name }}", { name: null }, ""],
    ["{{ ok }}", { ok: false }, "false"],
    ["{{ items | map: 'name' | join: ', ' }}", { items: [{ name: "a" }, { name: "b" }] }, "a, b"],
  ])("%s of %j is %j", (text, variables, expected) => {
    expect(render(text, variables)).toBe(expected);
  });

  it.each([
    ["{{ user }}", { user: { name: "Ann" } }],
    ["{{ items }}", { items: [{ name: "a" }] }],
    ["{{ items | join: ', ' }}", { items: [{ name: "a" }] }],
    ["{{ 'Hi ' | append: user }}", { user: {} }],
    ["{% assign u = user | upcase %}{{ u }}", { user: {} }],
  ])("%s with %j fails: a map is no text", (text, variables) => {
    expect(() => render(text, variables)).toThrow("a map cannot be rendered as text");
  });

  it.each([
    ["{{ at | date: '%Y-%m-%d %H:%M' }}", "2027-01-31T23:00:00Z", "2027-01-31 23:00"],
    ["{{ at | date: '%Y-%m-%d %H:%M' }}", "2027-01-31T23:00:00+05:30", "2027-01-31 17:30"],
    ["{{ at | date: '%Y-%m-%d %H:%M' }}", "2027-01-31T23:00:00", "2027-01-31 23:00"],
    ["{{ at | date: '%Y-%m-%d %H:%M' }}", "2027-01-31 23:00", "2027-01-31 23:00"],
    ["{{ at | date: '%Y-%m-%d %H:%M' }}", "January 31, 2027", "2027-01-31 00:00"],
    ["{{ at | date: '%Y-%m-%d %H:%M' }}", "2027-01-31", "2027-01-31 00:00"],
    ["{{ at | date: '%Y-%m-%d %H:%M' }}", "Sun, 31 Jan 2027 23:00:00 +0530", "2027-01-31 17:30"],
    ["{{ at | date: '%Y-%m-%d %H:%M' }}", "1801440000", "2027-02-01 00:00"],
    ["{{ at | date: '%H:%M %z', 'Asia/Kolkata' }}", "2027-01-31T23:00:00Z", "04:30 +0530"],
    ["{{ at | date_to_string }}", "2027-01-31T23:00:00Z", "31 Jan 2027"],
    ["{{ at | date: '%A' }}", "2027-01-31T23:00:00Z", "Sunday"],
    ["{{ at | date: '%s' }}", "2027-01-31T23:00:00Z", "1801436400"],
    ["{{ at | date: '%Y' }}", "soon", "soon"],
  ])("%s of %s is %j, whatever the zone of the machine", (text, at, expected) => {
    const zone = process.env.TZ;
    try {
      for (const other of ["Asia/Kolkata", "America/Los_Angeles"]) {
        process.env.TZ = other;
        expect(render(text, { at })).toBe(expected);
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it.each([
    ["{{ name }}", "A&amp;B&lt;i&gt;\nC"],
    ["{{ name | escape }}", "A&amp;B&lt;i&gt;\nC"],
    ["{{ name | escape_once }}", "A&amp;B&lt;i&gt;\nC"],
    ["{{ name | newline_to_br }}", "A&amp;B&lt;i&gt;<br />\nC"],
    ["{{ name | escape | newline_to_br }}", "A&amp;B&lt;i&gt;<br />\nC"],
    ["{{ name | newline_to_br | upcase }}", "A&amp;AMP;B&amp;LT;I&amp;GT;&lt;BR /&gt;\nC"],
    ["{{ name | raw }}", "A&B<i>\nC"],
  ])("escapes %s once in HTML", (text, expected) => {
    expect(render(text, { name: "A&B<i>\nC" }, "html")).toBe(expected);
  });

  it.each(["include", "render", "layout"])("reads no file by %s", (tag) => {
    const problems: string[] = [];
    createTemplateRenderer({ t: { email: { text: `{% ${tag} "package.json" %}` } } }, problems);
    expect(problems).toEqual([expect.stringContaining(`tag "${tag}" not found`)]);
  });

  it("may look into maps and loop over them", () => {
    const user = { name: "Ann", tags: { a: 1 } };
    expect(render("{{ user | json }}", { user })).toBe(JSON.stringify(user));
    expect(render("{{ user.size }}{% if user %}y{% endif %}{% for t in user.tags %}{{ t[0] }}{% endfor %}", { user })).toBe("2ya");
    expect(() => render("{{ user.toString }}", { user })).toThrow("user.toString");
  });

  it.each([
    ["{{ name }}", {}, "name"],
    ["{{ name | upcase }}", {}, "name"],
    ["{{ user.name }}", {}, "user"],
    ["{{ user.name }}", { user: {} }, "user.name"],
    ["{{ user['name'] }}", { user: {} }, "user.name"],
    ["{{ items[0].name }}", { items: [] }, "items.0"],
    ["{{ items.size }}", {}, "items"],
    ["{{ a | append: b }}", { a: "x" }, "b"],
    ["{{ a | append: b | default: 'x' }}", { a: "x" }, "b"],
    ["{{ a | default: b }}", {}, "a"],
    ["{{ a | default: b }}", { a: null }, "b"],
    ["{% if a %}x{% endif %}{{ a }}", {}, "a"],
    ["{% unless a %}{{ a }}{% endunless %}", {}, "a"],
    ["{% assign n = name %}{{ n }}", {}, "name"],
    ["{% capture n %}{{ name }}{% endcapture %}", {}, "name"],
    ["{% for item in items %}{{ item }}{% endfor %}", {}, "items"],
    ["{% for item in items %}{{ item.name }}{% endfor %}", { items: [{}] }, "item.name"],
    ["{% echo name %}", {}, "name"],
    ["{{ constructor }}", {}, "constructor"],
    ["{{ a.constructor }}", { a: {} }, "a.constructor"],
  ])("%s of %j fails, naming %s", (text, variables, name) => {
    expect(() => render(text, variables)).toThrow(`undefined variable: ${name}`);
  });

  it("escapes what it shows in HTML, defaults too, and fails there as in text", () => {
    expect(render("{{ name | default: fallback }}", { fallback: "<b>" }, "html")).toBe("&lt;b&gt;");
    expect(() => render("{{ name | default: fallback }}", {}, "html")).toThrow("undefined variable: name");
    expect(() => render("{{ name }}", {}, "html")).toThrow("undefined variable: name");
  });

  it("goes on after a stall of the process, which is no time of its own", () => {
    const engine = createTemplateEngine();
    const stall = new Int32Array(new SharedArrayBuffer(4));
    engine.registerFilter("stall", (value: unknown) => {
      Atomics.wait(stall, 0, 0, 300);
      return value;
    });
    expect(engine.renderSync(engine.parse("{{ name | stall }}, {% if name %}hello{% endif %}"), { name: "Ann" })).toBe("Ann, hello");
  });

  it("ends a loop that takes too long", () => {
    const list = Array.from({ length: 1_000 }, () => "x".repeat(50));
    const text = "{% for a in l %}{% for b in l %}{% for c in l %}{{ c }}{% endfor %}{% endfor %}{% endfor %}";
    expect(() => render(text, { l: list })).toThrow(/limit exceeded/);
  });
});
