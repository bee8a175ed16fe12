import "@mantine/core/styles.css";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import { Anchor, createTheme, MantineProvider } from "@mantine/core";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";

const theme = createTheme({
  primaryColor: "violet",
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: "md",
  components: { Anchor: Anchor.extend({ defaultProps: { underline: "always" } }) },
  fontFamily: "system-ui, -apple-system, Segoe UI, Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, Menlo, Consolas, monospace",
});

const root = document.getElementById("page");
if (root)
  createRoot(root).render(
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <App />
    </MantineProvider>,
  );
