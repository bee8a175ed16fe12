import { Text } from "@mantine/core";
import { Facts } from "./facts.js";

type Value = string | number | boolean | readonly string[];

/** Values of the tenant's own. */
export const Attributes = ({ attributes }: { readonly attributes: Readonly<Record<string, Value>> }) => {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return null;
  return (
    <>
      <Text size="sm" fw={600} mt="md" mb={4}>
        Attributes
      </Text>
      <Facts facts={entries.map(([name, value]) => [name, typeof value === "object" ? value.join(", ") : String(value)])} />
    </>
  );
};
