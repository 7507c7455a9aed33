import { encodeMetadataWithId } from '../../../src/redstuff/metadata-bcs.ts'
import { metadataFromHashes } from '../../../src/redstuff/metadata.ts'
import { silentLog } from '../../../src/runtime/log.ts'
import type { NodeAnswer } from '../../../src/store/nodes/answer-reader.ts'
import type { StorageNode } from '../../../src/store/nodes/committee.ts'
import { NodeError, reasonIn } from '../../../src/store/nodes/node-error.ts'
import { NodeHealthBook } from '../../../src/store/nodes/node-health.ts'
import type { NodeHttp, NodeRequest } from '../../../src/store/nodes/node-http.ts'
import { StorageNodes } from '../../../src/store/nodes/storage-nodes.ts'
import {
  confirmationMessage,
  epochOfMessage,
} from '../../../src/store/write/confirmation-message.ts'
import { parseObjectId } from '../../../src/terms/object-id.ts'
import { expect } from '../target.ts'
import type { FuzzTarget } from '../target.ts'
import { here } from './tree-nodes.ts'

const { signal } = new AbortController()
const shards = 10
const node: StorageNode = {
  id: parseObjectId('1'),
  index: 0,
  name: 'node',
  url: 'http://127.0.0.1:1',
  publicKey: new Uint8Array(48),
  shards: [1, 2, 3],
}
const clock = { now: () => 0, sleep: async () => {} }

/** Nodes that all answer the same, as long as it is not too long. */
function nodesThatAnswer(body: Uint8Array): StorageNodes {
  const send = async ({ maxBytes }: NodeRequest): Promise<NodeAnswer> => {
    if (body.length > maxBytes) throw new NodeError('bad-answer', 'too long')
    return { status: 200, body }
  }
  const http = { send } as unknown as NodeHttp
  return new StorageNodes(http, new NodeHealthBook(clock, silentLog), clock)
}

const calls: readonly ((nodes: StorageNodes) => Promise<unknown>)[] = [
  (nodes) => nodes.metadata(node, here, shards, signal),
  (nodes) => nodes.sliver(node, here, 2, 'primary', 100, signal),
  (nodes) => nodes.decodingSymbols(node, here, { axis: 'primary', index: 1 }, 8, signal),
  (nodes) => nodes.recoverySymbols(node, here, { axis: 'primary', index: 1 }, 8, signal),
  (nodes) => nodes.hasSliver(node, here, 2, 'primary', signal),
  async (nodes) => {
    const word = await nodes.confirmation(node, here, undefined, signal)
    const expected = confirmationMessage(5, here, undefined)
    const epoch = epochOfMessage(word.serializedMessage, expected)
    expect(epoch === undefined || (epoch >= 0 && epoch < 2 ** 32), 'an epoch can be')
  },
]

const json = (value: unknown) => Buffer.from(JSON.stringify(value))

/** A byte that says what is asked; the answer of the node. */
const answers: FuzzTarget = {
  name: 'node-answers',
  refusals: [NodeError],
  words: [
    '{"success":{"data":',
    'stored',
    '"signed":{"serializedMessage":',
    '"signature":',
    'null',
    '[]',
    '0',
    '""',
    '}',
  ],
  memory: (input) => 128 * 1024 + 64 * input.length,
  seeds: () => {
    const signature = {
      serializedMessage: Buffer.from(confirmationMessage(5, here, undefined)).toString('base64'),
      signature: 'AAAA',
    }
    const bodies = [
      encodeMetadataWithId(metadataFromHashes(new Uint8Array(shards * 64).fill(3), 99)),
      Buffer.from([2, 1, 2, 2, 0, 0, 0]),
      Buffer.from([0]),
      Buffer.from([0]),
      json({ success: { code: 200, data: 'stored' } }),
      json({ success: { code: 200, data: { signed: signature } } }),
    ]
    return bodies.map((body, at) => Buffer.concat([Buffer.from([at]), body]))
  },
  decode: async (input) => {
    if (input.length === 0) return
    await calls[input[0]! % calls.length]!(nodesThatAnswer(input.subarray(1)))
  },
}

const refusal: FuzzTarget = {
  name: 'node-refusal',
  refusals: [],
  words: ['{"error":{"message":', '"details":[{"reason":', 'null', '0', '[]', '}'],
  seeds: () => [
    json({
      error: { status: 'NOT_FOUND', code: 404, message: 'no', details: [{ reason: 'GONE' }] },
    }),
    Buffer.from('no JSON'),
  ],
  decode: (input) => {
    const { reason, message } = reasonIn(input)
    expect((reason?.length ?? 0) <= 100 && (message?.length ?? 0) <= 300, 'words are short')
  },
}

export const storageNodes: readonly FuzzTarget[] = [answers, refusal]
