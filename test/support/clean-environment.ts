/** The environment without what a developer's shell may say about Carillon; CARILLON_TEST_… stays. */
export const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CARILLON_") || name.startsWith("CARILLON_TEST_")));
