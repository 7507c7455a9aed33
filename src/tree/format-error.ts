/**
 * Why stored bytes were refused. `version` and `feature`: a newer program wrote them; this one must not guess.
 * `damaged`: no program writes such bytes; they are torn, forged, or a defect made them.
 */
export type FormatFault = 'version' | 'feature' | 'damaged'

/** Bytes that are no valid node, record or change. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly fault: FormatFault

  constructor(fault: FormatFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}

/** A FormatError of the most frequent kind. */
export function damaged(message: string): FormatError {
  return new FormatError('damaged', message)
}
