import { readFileSync } from 'node:fs'

/** A service unit as systemd would run it, of an instance. */
export class UnitFile {
  readonly #lines: readonly (readonly [string, string])[]
  readonly #instance: string

  constructor(path: string, instance: string) {
    this.#instance = instance
    this.#lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  }

  all(key: string): string[] {
    return this.#lines
      .filter(([name]) => name === key)
      .map(([, value]) => value.replaceAll('%i', this.#instance))
  }

  /** Environment= and what a file of EnvironmentFile= has, later ones over earlier ones. */
  environment(file = ''): Record<string, string> {
    const set = [...this.all('Environment').flatMap((text) => text.split(' ')), ...file.split('\n')]
    return Object.fromEntries(
      set
        .filter((one) => one.includes('='))
        .map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
    )
  }

  /** The arguments of ExecStart= and its like: prefixes gone, quotes and variables resolved as systemd.service(5) has it. */
  commands(key: string, env: Readonly<Record<string, string>>): string[][] {
    return this.all(key).map((text) =>
      (text.replace(/^[-+!@:]+/, '').match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) =>
        word
          .replace(/^(['"])(.*)\1$/, '$2')
          .replace(/\$\$|\$\{(\w+)\}/g, (all, name: string) =>
            all === '$$' ? '$' : (env[name] ?? ''),
          ),
      ),
    )
  }
}
