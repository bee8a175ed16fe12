import { definitionProblems } from "../channels/definition-problems.js";
import { channelDefinitions } from "../channels/generated.js";
import { commonLimits } from "../client/limits.js";
import { commonChannelKeys } from "../config/channels.js";

/** Refuses conflicting channels before anything is generated from them. `npm run generate`. */

const problems = definitionProblems(channelDefinitions, { limits: Object.keys(commonLimits), options: commonChannelKeys });
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
