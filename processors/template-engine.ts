import {
  AssignTag,
  Context,
  type Emitter,
  evalToken,
  ForTag,
  Liquid,
  type RenderOptions,
  type Template,
  UndefinedVariableError,
  Value,
} from "liquidjs";

/** Characters of a template, milliseconds of a rendering, and objects that it may create. */
const ofContent = { parseLimit: 200_000, renderLimit: 200, memoryLimit: 10_000_000 };
const ofValue = { parseLimit: 4_000, renderLimit: 10, memoryLimit: 1_000_000 };
/** Milliseconds that one step of a rendering counts at most. */
const mostStepMs = 10;

/**
 * Bounds a rendering by the sum of its steps. A process that is stalled, or that has no core, spends long in one step, and that is no time
 * of the template.
 */
const boundBySteps = ({ renderLimit }: Context, renderMs: number): void => {
  const check = renderLimit.check.bind(renderLimit);
  let usedMs = 0;
  let lastMs: number | undefined;
  renderLimit.check = (nowMs) => {
    usedMs += Math.min(nowMs - (lastMs ?? nowMs), mostStepMs);
    lastMs = nowMs;
    if (usedMs > renderMs) check(nowMs);
  };
};

class BoundLiquid extends Liquid {
  override _render(templates: Template[], scope: Context | object | undefined, options: RenderOptions): IterableIterator<unknown> {
    if (scope instanceof Context) return super._render(templates, scope, options);
    const context = new Context(scope, this.options, options, { liquid: this });
    boundBySteps(context, this.options.renderLimit);
    return super._render(templates, context, options);
  }
}

const isNothing = (value: unknown): boolean => value === undefined || value === null;

const plainValue = Value.prototype.value;

/**
 * `default` accepts a missing variable at any position among the filters, and its argument may be missing as well. If no value results, the
 * error names the first missing variable, as without `default`.
 */
const valueWithDefault = function* (this: Value, context: Context, lenient = false): Generator<unknown, unknown, unknown> {
  const strict = context.strictVariables;
  const last = this.filters.findLastIndex(({ name }) => name === "default");
  if (!strict || last < 0) return yield* plainValue.call(this, context, lenient);
  let value: unknown = yield this.initial.evaluate(context, true);
  for (const [index, filter] of this.filters.entries()) {
    context.strictVariables = filter.name !== "default";
    try {
      value = yield filter.render(value, context);
    } finally {
      context.strictVariables = strict;
    }
    if (index < last || lenient || !isNothing(value)) continue;
    yield this.initial.evaluate(context, false);
    for (const { name, render } of this.filters) if (name === "default") yield render.call(filter, value, context);
  }
  return value;
};

/** An assignment counts as a use: assigning a missing variable fails, instead of hiding it under another name. */
class StrictAssignTag extends AssignTag {
  override *render(context: Context): Generator<unknown, void, unknown> {
    const { key, value } = this as unknown as { readonly key: string; readonly value: Value };
    (context.bottom() as Record<string, unknown>)[key] = yield value.value(context, false);
  }
}

/** A loop over a missing list fails, unless it has an `else`. */
class AskingForTag extends ForTag {
  override *render(context: Context, emitter: Emitter): ReturnType<ForTag["render"]> {
    if (this.elseTemplates.length > 0) {
      try {
        yield evalToken(this.collection, context);
      } catch (error) {
        if (!(error instanceof UndefinedVariableError)) throw error;
        yield this.liquid.renderer.renderTemplates(this.elseTemplates, context, emitter);
        return;
      }
    }
    return yield* super.render(context, emitter);
  }
}

type FilterHandler = (this: unknown, value: unknown, ...rest: unknown[]) => unknown;

const dateFilters = ["date", "date_to_string", "date_to_long_string", "date_to_xmlschema", "date_to_rfc822"];

const withZone = /\d:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2}|[A-Z]{3,4}|\([^)]*\))$/i;

/** A time without a zone is UTC; JavaScript would use the machine's zone. */
const inUtc = (value: unknown): unknown => {
  if (typeof value !== "string" || /^(\d+|now|today|\d{4}-\d{2}-\d{2})$/.test(value) || withZone.test(value)) return value;
  return /^\d{4}-\d{2}-\d{2}[T ][\d:.]+$/.test(value) ? `${value}Z` : `${value} UTC`;
};

const readTimesInUtc = (engine: Liquid): void => {
  for (const name of dateFilters) {
    const plain = engine.filters[name] as FilterHandler;
    engine.registerFilter(name, function (this: unknown, value: unknown, ...rest: unknown[]) {
      const time = inUtc(value);
      const shown = plain.call(this, time, ...rest);
      // a value that is not a time is shown unchanged
      return shown === time ? value : shown;
    });
  }
};

/** Marks filters that return HTML, so that their output is not escaped again. */
const returnHtml = (engine: Liquid): void => {
  const { escape_once: escapeOnce, newline_to_br: withBreaks } = engine.filters as Record<"escape_once" | "newline_to_br", FilterHandler>;
  for (const name of ["escape", "xml_escape", "escape_once"])
    engine.registerFilter(name, { raw: true, handler: engine.filters[name] as FilterHandler });
  engine.registerFilter("newline_to_br", {
    raw: true,
    handler: function (this: unknown, value: unknown) {
      return withBreaks.call(this, escapeOnce.call(this, value));
    },
  });
};

/** Tags that repeat. A single value needs none, and nested ones keep the thread busy. */
const loopTags = ["for", "tablerow", "cycle"];

/** Tags that read other files, relative to the working directory. A template consists only of its text in the configuration. */
const fileTags = ["include", "render", "layout", "block"];

/**
 * Liquid with Carillon's rules. A template may test whether a variable exists: with `if`, `unless`, `case`, `default`, and a loop with
 * `else`. Any other use of a missing variable fails and names it. `html`: escapes output. `singleValue`: for fields of requests, which tenants
 * can set: short templates without loops.
 */
export const createTemplateEngine = ({
  html = false,
  singleValue = false,
}: {
  readonly html?: boolean;
  readonly singleValue?: boolean;
} = {}): Liquid => {
  Value.prototype.value = valueWithDefault;
  const engine = new BoundLiquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    // the same output on every machine, whatever its TZ and LANG
    timezoneOffset: 0,
    locale: "en-US",
    ...(singleValue ? ofValue : ofContent),
    ...(html ? { outputEscape: "escape" as const } : {}),
  });
  engine.registerTag("assign", StrictAssignTag);
  engine.registerTag("for", AskingForTag);
  for (const name of [...fileTags, ...(singleValue ? loopTags : [])]) delete engine.tags[name];
  readTimesInUtc(engine);
  if (html) returnHtml(engine);
  return engine;
};
