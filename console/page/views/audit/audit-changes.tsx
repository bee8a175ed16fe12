import { Text } from "@mantine/core";
import { changedFields } from "../../changed-fields.js";
import { labelText } from "../../format.js";

type State = Readonly<Record<string, unknown>> | null;

/** The fields of a change, with their values before and after it. */
export const AuditChanges = ({ before, after }: { readonly before: State; readonly after: State }) =>
  changedFields(before, after).map(({ path, fields }) => (
    <div key={path}>
      {path !== "" && (
        <Text size="xs" fw={600} className="anywhere">
          {path}
        </Text>
      )}
      <ul className="changes">
        {fields.map((field) => (
          <li key={field.name}>
            <span className="quiet-name">{labelText(field.name)}: </span>
            {field.before !== undefined && <del>{field.before}</del>}
            {field.before !== undefined && field.after !== undefined && " → "}
            {field.after !== undefined && <ins>{field.after}</ins>}
          </li>
        ))}
      </ul>
    </div>
  ));
