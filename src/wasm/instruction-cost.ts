import { OP } from './opcodes.js';

/** Instructions that only mark structure and cost nothing. */
export function isMarker(opcode: number): boolean {
  switch (opcode) {
    case OP.nop:
    case OP.block:
    case OP.loop:
    case OP.else:
    case OP.end:
    case OP.try:
    case OP.catch:
    case OP.catchAll:
    case OP.delegate:
    case OP.tryTable:
      return true;
    default:
      return false;
  }
}

/** Calls of every kind, the tail calls included. */
export function isCall(opcode: number): boolean {
  return opcode >= OP.call && opcode <= OP.returnCallRef;
}
