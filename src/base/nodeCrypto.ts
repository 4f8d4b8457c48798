/** Node.js takes 2 ms to load this module, and most programs do not need it. */
export const nodeCrypto = () => process.getBuiltinModule('node:crypto');
