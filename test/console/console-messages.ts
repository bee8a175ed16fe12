import type { MessageInput } from "../../client/message-input.js";

const regions = ["IN-KL", "IN-TN", "IN-KA"];

export const otpOf = (index: number): MessageInput => ({
  channel: "sms",
  lane: "critical",
  tenant: "bank",
  to: `+9198765${10_000 + index}`,
  template: "otp",
  variables: { code: "1234" },
  expiresAt: Date.now() + 3_600_000,
  metadata: { region: regions[(index / 3) % 3] ?? "IN-KL" },
});

export const orderOf = (index: number): MessageInput => ({
  channel: "email",
  tenant: "shop",
  to: `${index % 7 === 1 ? "bounce" : "success"}+${index}@sandbox.carillon.test`,
  content: {
    subject: `Order ${index}`,
    text: `Order ${index}`,
    html: `<h1>Order ${index}</h1><p>It leaves today.</p><script>top.document.title = "run"</script>`,
  },
});
