/** A message type of the SDK: reads and writes its messages. */
interface MessageType<T> {
  fromBinary(bytes: Uint8Array): T
  toBinary(message: T): Uint8Array
  create(value?: object): T
}

/** One method of the full node, from bytes to bytes. Streams call `send` until `signal` aborts. */
export type Method =
  | { readonly kind: 'unary'; readonly answer: (request: Uint8Array) => Promise<Uint8Array> }
  | {
      readonly kind: 'stream'
      readonly run: (
        request: Uint8Array,
        send: (message: Uint8Array) => void,
        signal: AbortSignal,
      ) => Promise<void>
    }

/** Methods by `package.Service/Method`. */
export type MethodTable = Readonly<Record<string, Method>>

/** A method that answers once. */
export function unary<I, O extends object>(
  request: MessageType<I>,
  response: MessageType<O>,
  answer: (request: I) => O | Promise<O>,
): Method {
  return {
    kind: 'unary',
    answer: async (bytes) => response.toBinary(await answer(request.fromBinary(bytes))),
  }
}

/** A method that answers as long as it has something to say. */
export function stream<I, O extends object>(
  request: MessageType<I>,
  response: MessageType<O>,
  run: (request: I, send: (message: O) => void, signal: AbortSignal) => Promise<void>,
): Method {
  return {
    kind: 'stream',
    run: (bytes, send, signal) =>
      run(request.fromBinary(bytes), (message) => send(response.toBinary(message)), signal),
  }
}
