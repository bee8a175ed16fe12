import { Table } from "@mantine/core";
import { countText, dayText, moneyText } from "../../format.js";
import { Scrolls } from "../../parts/scrolls.js";
import type { UsageSum } from "./usage-days.js";

interface UsageTableProps {
  readonly days: readonly UsageSum[];
  readonly total: UsageSum;
  readonly channels: readonly string[];
}

const Cells = ({ sum, channels }: { readonly sum: UsageSum; readonly channels: readonly string[] }) => (
  <>
    {channels.map((channel) => (
      <Table.Td key={channel} className="numbers">
        {countText(sum.channels[channel] ?? 0)}
      </Table.Td>
    ))}
    {[sum.messages, sum.delivered, sum.undelivered, sum.attempts].map((count, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the columns keep their order
      <Table.Td key={index} className="numbers">
        {countText(count)}
      </Table.Td>
    ))}
    <Table.Td className="numbers">{moneyText(sum.costs)}</Table.Td>
  </>
);

/** The messages of each day by channel, and how they ended. */
export const UsageTable = ({ days, total, channels }: UsageTableProps) => (
  <Scrolls label="Usage by day">
    <Table aria-label="Usage by day" horizontalSpacing={8}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Day</Table.Th>
          {[...channels, "Messages", "Delivered", "Not delivered", "Attempts", "Cost"].map((name) => (
            <Table.Th key={name} className="numbers">
              {name}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {days.map((sum) => (
          <Table.Tr key={sum.name}>
            <Table.Th scope="row" fw={400} className="one-line">
              {dayText(`${sum.name}T00:00:00`)}
            </Table.Th>
            <Cells sum={sum} channels={channels} />
          </Table.Tr>
        ))}
        <Table.Tr fw={700}>
          <Table.Th scope="row">Total</Table.Th>
          <Cells sum={total} channels={channels} />
        </Table.Tr>
      </Table.Tbody>
    </Table>
  </Scrolls>
);
