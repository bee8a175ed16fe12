/** The environment without a developer's settings for Carillon; CARILLON_TEST_… stays. */
export const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CARILLON_") || name.startsWith("CARILLON_TEST_")));
