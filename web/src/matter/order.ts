/** The steps by likelihood, with their single keys: known before the forms themselves are loaded. A unit test holds it equal to steps.ts. */
export const order: readonly { readonly name: string; readonly key?: string }[] = [
  { name: "acceptCase", key: "KeyA" }, { name: "ruleWhistle" }, { name: "signAssignment", key: "KeyA" }, { name: "reportIn", key: "KeyE" },
  { name: "completeAssignment", key: "KeyC" }, { name: "verifyCase", key: "KeyV" }, { name: "callBack" }, { name: "closeCase" }, { name: "ruleReturn" },
  { name: "routeCase", key: "KeyF" }, { name: "blowWhistle", key: "KeyW" }, { name: "escalateCase", key: "KeyU" }, { name: "rejectCase", key: "KeyR" },
  { name: "askReturn", key: "KeyR" }, { name: "addProgress", key: "KeyP" }, { name: "superviseCase" }, { name: "extendCase" }, { name: "pauseCase" },
  { name: "resumeCase" }, { name: "excuseAssignment" }, { name: "nameHandlers" }, { name: "reopenCase" },
];
