/** The part of the `fs-native-extensions` package that Carillon uses. The package has no types. */
declare module "fs-native-extensions" {
  /** Returns whether the lock was granted. On macOS only whole files can be locked: both numbers must be 0. */
  export function tryLock(fd: number, offset: number, length: number, options?: { readonly shared?: boolean }): boolean;
  export function unlock(fd: number, offset: number, length: number): void;
}
