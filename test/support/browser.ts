import { type Browser, chromium } from "playwright-core";
import { aptInstall, hasCommand } from "../servers/shell.js";

/** A real Chromium: the one in CARILLON_TEST_CHROMIUM, or Debian's. */
export const openBrowser = async (): Promise<Browser> => {
  const named = process.env.CARILLON_TEST_CHROMIUM;
  if (!named && !(await hasCommand("chromium"))) await aptInstall("chromium", "fonts-dejavu-core");
  return chromium.launch({
    executablePath: named ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
};
