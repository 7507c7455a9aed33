import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseObjectId } from '../../terms/object-id.ts'
import type { ChainState } from './chain-state.ts'
import { suiPackage } from './genesis.ts'
import { suiType } from './objects/object.ts'
import { callSystem, pure } from './system-calls.ts'
import { walType } from '../contracts/addresses.ts'

export interface FaucetAmounts {
  /** MIST. */
  readonly sui?: bigint
  /** FROST. */
  readonly wal?: bigint
}

const maxAmount = (1n << 63n) - 1n
const maxRequestBytes = 4096
/** What one gets who does not say how much: 1000 of each. */
const defaultAmount = 1_000_000_000_000n

/** Mints coins to an address. Throws a RangeError that shows a bad address or amount. */
export async function mint(
  chain: ChainState,
  recipient: string,
  amounts: FaucetAmounts,
): Promise<void> {
  const address = parseObjectId(recipient)
  const wanted = [
    [suiType, amounts.sui ?? 0n],
    [walType, amounts.wal ?? 0n],
  ] as const
  for (const [, amount] of wanted)
    if (amount < 0n || amount > maxAmount) throw new RangeError(`not an amount: ${amount}`)
  for (const [type, amount] of wanted)
    if (amount > 0n)
      callSystem(chain, {
        package: suiPackage,
        module: 'coin',
        function: 'mint_for_devnet',
        typeArguments: [type],
        arguments: [pure.u64(amount), pure.address(address)],
      })
  await chain.settled()
}

/** `POST /faucet {recipient, sui?, wal?}`: amounts as numbers or strings; without any, 1000 SUI and 1000 WAL. */
export function faucetPage(chain: ChainState) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { recipient, amounts } = readRequest(await readText(request))
      await mint(chain, recipient, amounts)
      reply(response, 200, { recipient, ...texts(amounts) })
    } catch (error) {
      reply(response, 400, { error: (error as Error).message })
    }
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) {
    text += (chunk as Buffer).toString('utf8')
    if (text.length > maxRequestBytes) throw new RangeError('the request is too large')
  }
  return text
}

function readRequest(text: string): { recipient: string; amounts: FaucetAmounts } {
  const body = JSON.parse(text) as Readonly<Record<string, unknown>> | null
  const recipient = body?.['recipient']
  if (typeof recipient !== 'string') throw new RangeError('recipient is missing')
  const sui = amountOf(body?.['sui'])
  const wal = amountOf(body?.['wal'])
  if (sui === undefined && wal === undefined)
    return { recipient, amounts: { sui: defaultAmount, wal: defaultAmount } }
  return {
    recipient,
    amounts: { ...(sui !== undefined && { sui }), ...(wal !== undefined && { wal }) },
  }
}

function amountOf(value: unknown): bigint | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^\d+$/.test(value)) return BigInt(value)
  throw new RangeError(`not an amount: ${JSON.stringify(value)}`)
}

function texts(amounts: FaucetAmounts): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, String(amount)]))
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'access-control-allow-origin': '*',
  })
  response.end(JSON.stringify(body))
}
