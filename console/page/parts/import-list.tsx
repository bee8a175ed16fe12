import { Alert, Button, FileInput, Group, Progress, Select, Stack, Text } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { withParameters } from "../ask.js";
import { countedText } from "../format.js";
import { useSubmit } from "../submit.js";
import { type UploadProgress, upload } from "../upload.js";
import { type FailedLine, FailedLines, failedLinesOf } from "./failed-lines.js";
import { ProblemNote } from "./note.js";

interface ImportReport {
  readonly imported: number;
  readonly failed: readonly FailedLine[];
  readonly failedCount: number;
}

/** The media type of a file, by its name. */
const typeOf = ({ name }: File): string => (/\.csv$/i.test(name) ? "text/csv" : "application/x-ndjson");

const ImportProgress = ({ sent, lines }: UploadProgress) => {
  const text = lines === undefined ? `${Math.floor(sent * 100)}% sent` : `${countedText(lines, "line")} processed`;
  return (
    <Stack gap={4}>
      <Progress value={sent * 100} animated={sent === 1} aria-label="Import" size="lg" />
      <Text size="sm" role="status">
        {text}
      </Text>
    </Stack>
  );
};

const Report = ({ imported, failed, failedCount }: ImportReport) => (
  <Stack>
    <Alert color={failedCount === 0 ? "green" : "orange"} role="status" title={`${countedText(imported, "line")} imported`}>
      {failedCount > 0 && `${countedText(failedCount, "invalid line")} skipped.`}
    </Alert>
    {failedCount > 0 && <FailedLines failed={failed} all={failedCount} />}
  </Stack>
);

const onErrors = [
  { value: "skip", label: "Import the valid lines" },
  { value: "refuse", label: "Import nothing" },
];

interface ImportListProps {
  /** The route that takes the list. */
  readonly path: string;
  readonly tenant: string | null;
  /** What the lines have. */
  readonly columns: string;
}

interface Importing {
  readonly report: ImportReport | undefined;
  readonly progress: UploadProgress | undefined;
  readonly start: (path: string, file: File) => void;
  readonly stop: () => void;
}

const useImport = ({ submit }: ReturnType<typeof useSubmit>): Importing => {
  const [progress, setProgress] = useState<UploadProgress>();
  const [report, setReport] = useState<ImportReport>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const start = (path: string, file: File): void =>
    void submit(async () => {
      const own = new AbortController();
      running.current = own;
      setReport(undefined);
      setProgress({ sent: 0, lines: undefined });
      try {
        setReport(await upload<ImportReport>(path, file, { type: typeOf(file), report: setProgress, signal: own.signal }));
      } finally {
        setProgress(undefined);
      }
    });
  return { report, progress, start, stop: () => running.current?.abort() };
};

/** Imports a list from a file, with its progress and its invalid lines. */
export const ImportList = ({ path, tenant, columns }: ImportListProps) => {
  const [file, setFile] = useState<File | null>(null);
  const [onError, setOnError] = useState("skip");
  const submission = useSubmit();
  const { busy, problem } = submission;
  const { report, progress, start, stop } = useImport(submission);
  const refused = failedLinesOf(problem);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (file) start(withParameters(path, { tenant, onError }), file);
  };
  return (
    <Stack>
      <form onSubmit={send}>
        <Stack>
          <FileInput
            label="File"
            description={`NDJSON, or CSV with a header. ${columns}`}
            placeholder="Choose a file"
            accept=".csv,.ndjson,.jsonl"
            value={file}
            onChange={setFile}
            disabled={busy}
          />
          <Select
            label="If a line is invalid"
            data={onErrors}
            value={onError}
            onChange={(value) => setOnError(value ?? onError)}
            allowDeselect={false}
            disabled={busy}
          />
          <Group>
            <Button type="submit" disabled={file === null} loading={busy}>
              Import
            </Button>
            {busy && (
              <Button variant="default" onClick={stop}>
                Stop
              </Button>
            )}
          </Group>
        </Stack>
      </form>
      {progress && <ImportProgress {...progress} />}
      {problem && refused.length === 0 && <ProblemNote problem={problem} />}
      {problem && refused.length > 0 && (
        <>
          <Alert color="red" role="alert" title={problem.detail ?? problem.message} />
          <FailedLines failed={refused} all={refused.length} />
        </>
      )}
      {report && <Report {...report} />}
    </Stack>
  );
};
