import { describeSupervisedConsumers } from "./supervised-consumers.js";

describeSupervisedConsumers("platformatic");
