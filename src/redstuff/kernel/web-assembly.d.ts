/** The part of WebAssembly's interface that is used here: Node has it, its types do not. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: SharedArrayBuffer
    /** Grows by pages of 64 KiB. Throws a RangeError where there is not enough memory. */
    grow(pages: number): number
  }
  const Memory: new (limits: {
    readonly initial: number
    readonly maximum: number
    readonly shared: true
  }) => Memory

  interface Module {
    readonly __brand: 'Module'
  }
  interface Instance {
    readonly exports: object
  }
  const Instance: new (
    module: Module,
    imports: { readonly env: { readonly memory: Memory } },
  ) => Instance

  function compile(bytes: Uint8Array): Promise<Module>
  function validate(bytes: Uint8Array): boolean
}
