/** Numbers that grow at the end: records of the scanner, without an object each. */
export class Ints {
  private data: StaticArray<i32> = new StaticArray<i32>(64);
  length: i32 = 0;

  push(value: i32): void {
    if (this.length == this.data.length) {
      this.data = changetype<StaticArray<i32>>(__renew(changetype<usize>(this.data), this.length << 3));
    }
    store<i32>(changetype<usize>(this.data) + (this.length++ << 2), value);
  }

  @inline get(index: i32): i32 {
    return load<i32>(changetype<usize>(this.data) + (index << 2));
  }

  @inline set(index: i32, value: i32): void {
    store<i32>(changetype<usize>(this.data) + (index << 2), value);
  }

  pop(): i32 {
    return this.get(--this.length);
  }
}
