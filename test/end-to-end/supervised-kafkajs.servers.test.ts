import { describeSupervisedConsumers } from "./supervised-consumers.js";

describeSupervisedConsumers("kafkajs");
