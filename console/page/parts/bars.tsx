import { Group, Stack, Text } from "@mantine/core";

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly shown: string;
  readonly color?: string;
}

/** Values side by side, each as text and as a bar. */
export const Bars = ({ label, bars }: { readonly label: string; readonly bars: readonly Bar[] }) => {
  const most = Math.max(...bars.map(({ value }) => value), 1e-9);
  return (
    <Stack gap={8} component="ul" aria-label={label} style={{ listStyle: "none", padding: 0, margin: 0 }}>
      {bars.map(({ name, value, shown, color = "var(--accent)" }) => (
        <li key={name}>
          <Group justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm" truncate>
              {name}
            </Text>
            <Text size="sm" className="numbers" style={{ whiteSpace: "nowrap" }}>
              {shown}
            </Text>
          </Group>
          <div className="meter" aria-hidden>
            <span style={{ width: `${(value / most) * 100}%`, background: color }} />
          </div>
        </li>
      ))}
    </Stack>
  );
};
