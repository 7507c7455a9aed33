/** Bytecode names something that is not there. */
export class LinkError extends Error {
  override readonly name = 'LinkError'
}
