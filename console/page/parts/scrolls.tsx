import type { ReactNode } from "react";

/** Content wider than a phone, which scrolls separately, also by keyboard. */
export const Scrolls = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
  <section className="scrolls" aria-label={label} tabIndex={0}>
    {children}
  </section>
);
