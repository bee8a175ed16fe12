const { readFileSync } = require("node:fs");
const { parseSync } = require("@swc/core");

/** TypeScript nodes that contain values; all others contain only types. */
const valueNodes = new Set([
  ...["TsAsExpression", "TsConstAssertion", "TsEnumDeclaration", "TsEnumMember", "TsExportAssignment", "TsExternalModuleReference"],
  ...["TsImportEqualsDeclaration", "TsInstantiation", "TsModuleBlock", "TsModuleDeclaration", "TsNonNullExpression"],
  ...["TsParameterProperty", "TsSatisfiesExpression", "TsTypeAssertion"],
]);

/** Fields in which an identifier is a word, not a reference to a value. */
const wordFields = new Set([
  ...["MemberExpression.property", "OptionalChainingExpression.property", "SuperPropExpression.property", "KeyValueProperty.key"],
  ...["KeyValuePatternProperty.key", "ClassProperty.key", "ClassMethod.key", "Constructor.key", "MethodProperty.key"],
  ...["GetterProperty.key", "SetterProperty.key", "AssignmentProperty.key", "LabeledStatement.label", "BreakStatement.label"],
  ...["ContinueStatement.label", "ImportSpecifier.imported", "ExportSpecifier.exported", "TsEnumMember.id", "PrivateName.id"],
  ...["JSXAttribute.name", "JSXMemberExpression.property"],
]);

/** An expression without parentheses and without syntax that only the type checker or the access form needs: `as`, `!`, `?.`. */
const bare = (node) => {
  if (["ParenthesisExpression", "TsAsExpression", "TsConstAssertion", "TsNonNullExpression", "TsSatisfiesExpression"].includes(node?.type))
    return bare(node.expression);
  return node?.type === "OptionalChainingExpression" ? bare(node.base) : node;
};

/** The name of an accessed member: `a.b`, `a["b"]`, `a?.b`; undefined if it is computed. */
const memberName = ({ property }) => {
  if (property.type === "Identifier") return property.value;
  const key = property.type === "Computed" ? bare(property.expression) : undefined;
  if (key?.type === "StringLiteral") return key.value;
  return key?.type === "TemplateLiteral" && key.quasis.length === 1 ? key.quasis[0].cooked : undefined;
};

/** Calls `visit(node, parents, isType)` for each node of a file, outer nodes first. `parents` starts with the nearest. */
const walk = (node, visit, parents = [], isType = false) => {
  if (Array.isArray(node)) {
    for (const one of node) walk(one, visit, parents, isType);
    return;
  }
  if (node === null || typeof node !== "object") return;
  const inType = isType || (typeof node.type === "string" && node.type.startsWith("Ts") && !valueNodes.has(node.type));
  if (node.type) visit(node, parents, inType);
  const around = node.type ? [node, ...parents] : parents;
  for (const [field, child] of Object.entries(node)) {
    const isWord = child?.type === "Identifier" && wordFields.has(`${node.type}.${field}`);
    if (field !== "span" && !isWord) walk(child, visit, around, inType);
  }
};

const parse = (path) => {
  const text = readFileSync(path, "utf8");
  return { text, program: parseSync(text, { syntax: "typescript", tsx: path.endsWith(".tsx"), target: "es2023" }) };
};

module.exports = { bare, memberName, parse, walk };
