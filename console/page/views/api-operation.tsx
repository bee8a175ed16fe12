import { Badge, Code, Group, Stack, Table, Text, Title } from "@mantine/core";
import { Fragment, type ReactNode, useState } from "react";
import {
  type Content,
  type Field,
  type Form,
  formsOf,
  type Media,
  type Parameter,
  type Placed,
  type Schema,
  typeText,
} from "../api-document.js";
import { FieldTable } from "../parts/field-table.js";
import { Scrolls } from "../parts/scrolls.js";

const colors: Readonly<Record<string, string>> = { GET: "blue", POST: "green", PUT: "orange", PATCH: "orange", DELETE: "red" };

const accessWords: Readonly<Record<string, string>> = {
  page: "No key",
  monitoring: "No key",
  session: "No key",
  callback: "Authentication of the provider",
};

const accessText = ({ "x-access": access, "x-scope": scope }: Placed["operation"]): string =>
  scope === undefined
    ? (accessWords[access] ?? "")
    : `Key with the scope ${scope}${access === "operator" && scope !== "operate" ? " and operate" : ""}`;

const fieldOf = ({ name, in: place, required, description = "", schema }: Parameter): Field => ({
  path: name,
  type: `${typeText(schema)}, ${place}`,
  required,
  description: [description, schema.default === undefined ? "" : `Default: ${JSON.stringify(schema.default)}`].filter(Boolean).join(". "),
});

const bodyText = ({ schema, "x-item-schema": item }: Media): string =>
  item ? `${typeText(item)} on each line` : schema ? typeText(schema) : "bytes";

const contentText = (content: Content | undefined): string =>
  Object.entries(content ?? {})
    .map(([type, media]) => `${type}: ${bodyText(media)}`)
    .join("; ") || "no body";

type Schemas = Readonly<Record<string, Schema>>;

const bodyForms = (content: Content | undefined, schemas: Schemas): readonly Form[] =>
  Object.values(content ?? {}).flatMap(({ schema }) => (schema ? formsOf(schema, schemas) : []));

interface OperationProps extends Pick<Placed, "operation"> {
  readonly schemas: Schemas;
}

const Part = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <section>
    <Title order={3} size="h6" mb={4}>
      {title}
    </Title>
    {children}
  </section>
);

/** A table for each form of a body. */
const Forms = ({ label, forms }: { readonly label: string; readonly forms: readonly Form[] }) =>
  forms.map(({ name, fields }) => (
    <Fragment key={name ?? ""}>
      {name && <Text size="sm">{name}</Text>}
      <FieldTable label={name ? `${label}, ${name}` : label} fields={fields} />
    </Fragment>
  ));

const Answers = ({ operation }: Pick<Placed, "operation">) => (
  <Scrolls label={`Answers of ${operation.operationId}`}>
    <Table aria-label={`Answers of ${operation.operationId}`} verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Status</Table.Th>
          <Table.Th>Meaning</Table.Th>
          <Table.Th>Body</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {Object.entries(operation.responses).map(([status, { description, content }]) => (
          <Table.Tr key={status}>
            <Table.Td className="numbers">{status}</Table.Td>
            <Table.Td>{description}</Table.Td>
            <Table.Td>{contentText(content)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);

const Details = ({ operation, schemas }: OperationProps) => {
  const { description, parameters = [], requestBody, responses, operationId } = operation;
  const answered = bodyForms(responses["200"]?.content, schemas);
  return (
    <Stack gap="sm" mt="sm">
      {description && <Text size="sm">{description}</Text>}
      <Text size="sm" c="var(--calm)">
        {accessText(operation)} · operation <Code>{operationId}</Code>
      </Text>
      {parameters.length > 0 && (
        <Part title="Parameters">
          <FieldTable label={`Parameters of ${operationId}`} fields={parameters.map(fieldOf)} />
        </Part>
      )}
      {requestBody && (
        <Part title="Body">
          <Text size="sm">{contentText(requestBody.content)}</Text>
          <Forms label={`Body of ${operationId}`} forms={bodyForms(requestBody.content, schemas)} />
        </Part>
      )}
      <Part title="Answers">
        <Answers operation={operation} />
      </Part>
      {answered.length > 0 && (
        <Part title="Fields of the answer">
          <Forms label={`Fields of the answer of ${operationId}`} forms={answered} />
        </Part>
      )}
    </Stack>
  );
};

/** An operation in a line, with its details when opened. */
export const ApiOperation = ({ method, path, operation, schemas }: Placed & OperationProps) => {
  const [opened, setOpened] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpened(currentTarget.open)}>
      <summary className="operation">
        <Group gap="xs" component="span" display="inline-flex">
          <Badge
            component="span"
            color={colors[method] ?? "gray"}
            variant="light"
            radius="sm"
            w={70}
            style={{ color: "var(--mantine-color-text)" }}
          >
            {method}
          </Badge>
          <Code>{path}</Code>
          <Text span size="sm">
            {operation.summary}
          </Text>
        </Group>
      </summary>
      {opened && <Details operation={operation} schemas={schemas} />}
    </details>
  );
};
