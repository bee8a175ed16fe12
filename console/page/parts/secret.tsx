import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useRef, useState } from "react";

/** Shows a secret once. Nothing keeps it after the window is closed. */
export const Secret = ({ title, label, value, close }: { title: string; label: string; value: string; close: () => void }) => {
  const field = useRef<HTMLInputElement>(null);
  const [note, setNote] = useState("");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      setNote("Copied");
    } catch {
      // a page without TLS cannot write to the clipboard
      field.current?.select();
      setNote("Press Ctrl+C or ⌘C to copy");
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      closeButtonProps={{ "aria-label": "Close" }}
      size="lg"
    >
      <Stack>
        <Text size="sm">Copy it now. Carillon stores only a digest and cannot show it again.</Text>
        <TextInput
          ref={field}
          label={label}
          value={value}
          readOnly
          autoComplete="off"
          spellCheck={false}
          onFocus={(event) => event.currentTarget.select()}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: 1.6 } }}
        />
        <Group justify="flex-end">
          <Text size="sm" role="status">
            {note}
          </Text>
          <Button variant="default" onClick={copy} data-autofocus>
            Copy
          </Button>
          <Button onClick={close}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
};
