const { memberName } = require("./source-text.cjs");

/** Globals whose results depend only on their arguments, at any time and in any process. For `Date` and `Math`, see below. */
const pureGlobals = new Set([
  ...["undefined", "NaN", "Infinity", "isNaN", "isFinite", "parseInt", "parseFloat"],
  ...[
    "Array",
    "ArrayBuffer",
    "BigInt",
    "Boolean",
    "Buffer",
    "DataView",
    "Float32Array",
    "Float64Array",
    "Int8Array",
    "Int16Array",
    "Int32Array",
  ],
  ...[
    "Uint8Array",
    "Uint8ClampedArray",
    "Uint16Array",
    "Uint32Array",
    "BigInt64Array",
    "BigUint64Array",
    "Iterator",
    "JSON",
    "Map",
    "Number",
  ],
  ...["Object", "Promise", "Proxy", "Reflect", "RegExp", "Set", "String", "Symbol", "WeakMap", "WeakSet"],
  ...["Error", "AggregateError", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError", "DOMException"],
  ...["AbortController", "TextDecoder", "TextEncoder", "URL", "URLSearchParams", "atob", "btoa", "queueMicrotask", "structuredClone"],
  ...["decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "unescape"],
]);

/** All names that are defined without an import, in any release of Node.js that runs the lint or the code. */
const globals = new Set([
  ...Object.getOwnPropertyNames(globalThis),
  ...["require", "module", "exports", "__filename", "__dirname", "self", "window", "navigator", "Temporal", "EventSource"],
  ...["localStorage", "sessionStorage", "WebSocket", "CloseEvent", "CustomEvent", "Storage", "Intl"],
]);

const hasArgument = (args) => (args ?? []).length > 0 && !args[0].spread;

/** `new Date(ms)`, `Date.parse(text)`, `Date.UTC(…)`, `x instanceof Date`. */
const isPureDate = (node, parents) => {
  const [near, call] = parents;
  if (near?.type === "NewExpression") return near.callee === node && hasArgument(near.arguments);
  if (near?.type === "BinaryExpression") return near.operator === "instanceof" && near.right === node;
  if (near?.type !== "MemberExpression" || near.object !== node || !["parse", "UTC"].includes(memberName(near))) return false;
  return call?.type === "CallExpression" && call.callee === near && hasArgument(call.arguments);
};

/** Any member of `Math` by name, except `random`. */
const isPureMath = (node, [near]) => {
  const name = near?.type === "MemberExpression" && near.object === node ? memberName(near) : undefined;
  return name !== undefined && name !== "random";
};

const isPure = (node, parents) => {
  if (node.value === "Date") return isPureDate(node, parents);
  return node.value === "Math" ? isPureMath(node, parents) : pureGlobals.has(node.value);
};

/**
 * The clock, chance or environment that a node of a pure folder reads; undefined for nothing. `exceptions`: globals that the file may use.
 */
const impurity = (node, parents, exceptions) => {
  if (node.type === "MemberExpression" && memberName(node) === "constructor") return "constructor";
  if (node.type !== "Identifier" || !globals.has(node.value) || exceptions.includes(node.value)) return undefined;
  return isPure(node, parents) ? undefined : node.value;
};

module.exports = { impurity };
