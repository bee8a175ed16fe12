import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createDiskRoom } from "../../stores/disk-room.js";
import { smallDisk } from "../support/small-disk.js";

it("a file system without free inodes takes nothing new, and says why", () => {
  const disk = smallDisk("24m", 10);
  const room = (): ReturnType<typeof createDiskRoom> => createDiskRoom({ folder: disk.path, reserveBytes: null });
  try {
    const before = room();
    expect(before.state().condition).toBe("ok");
    before.close();
    const files = Array.from({ length: 9 }, (_, index) => join(disk.path, `file-${index}`));
    for (const file of files) writeFileSync(file, "");
    const full = room();
    expect(full.state()).toMatchObject({ condition: "reserve", failure: expect.stringContaining("no inodes are left") });
    expect(() => full.assertRoom()).toThrowError(/^disk full: .* \(no inodes are left/);
    full.close();
    for (const file of files) rmSync(file);
    const after = room();
    expect(() => after.assertRoom()).not.toThrow();
    after.close();
  } finally {
    disk.remove();
  }
});

it("a folder that is gone is a condition, not an exception", () => {
  const room = createDiskRoom({ folder: "/nonexistent/data", reserveBytes: null });
  expect(room.state()).toMatchObject({ condition: "reserve", freeBytes: 0, failure: expect.stringContaining("ENOENT") });
  room.close();
});
