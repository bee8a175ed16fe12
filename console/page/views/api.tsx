import { Anchor, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { type ApiDocument, fieldsOf, matches, operationsOf, type Schema } from "../api-document.js";
import { useAsked } from "../ask.js";
import { FieldTable } from "../parts/field-table.js";
import { Answer, Heading, Nothing } from "../parts/note.js";
import { ApiOperation } from "./api-operation.js";

const Operations = ({ document, text }: { readonly document: ApiDocument; readonly text: string }) => {
  const found = operationsOf(document).filter((placed) => matches(placed, text));
  if (found.length === 0) return <Nothing>No operations match.</Nothing>;
  return document.tags.map(({ name, description }) => {
    const own = found.filter(({ operation }) => operation.tags.includes(name));
    return (
      own.length > 0 && (
        <Paper withBorder p="md" key={name} component="section" aria-label={description}>
          <Title order={2} size="h4" mb="sm">
            {description}
          </Title>
          <Stack gap="xs">
            {own.map((placed) => (
              <ApiOperation key={placed.operation.operationId} {...placed} schemas={document.components.schemas} />
            ))}
          </Stack>
        </Paper>
      )
    );
  });
};

const Named = ({ name, schema }: { readonly name: string; readonly schema: Schema }) => {
  const [opened, setOpened] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpened(currentTarget.open)}>
      <summary className="operation">{name}</summary>
      {opened && <FieldTable label={`Fields of ${name}`} fields={fieldsOf(schema)} />}
    </details>
  );
};

/** The reference of the HTTP API, from the server's own description. */
export const ApiView = () => {
  const [text, setText] = useState("");
  const asked = useAsked<ApiDocument>("/openapi.json");
  return (
    <Stack>
      <Heading title="API">
        <TextInput
          aria-label="Filter operations"
          placeholder="Filter operations"
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
      </Heading>
      <Text size="sm">
        Generate clients from <Anchor href="/openapi.json">openapi.json</Anchor>, in OpenAPI 3.1.
      </Text>
      <Answer asked={asked}>
        {(document) => (
          <>
            <Operations document={document} text={text} />
            <Paper withBorder p="md" component="section" aria-label="Schemas">
              <Title order={2} size="h4" mb="sm">
                Schemas
              </Title>
              {Object.entries(document.components.schemas).map(([name, schema]) => (
                <Named key={name} name={name} schema={schema} />
              ))}
            </Paper>
          </>
        )}
      </Answer>
    </Stack>
  );
};
