/** glibc adapts its limits to blocks of up to 32 MiB, including the header of the block. */
const BLOCK_BYTES = 32 * 1024 * 1024 - 64 * 1024;

let isCalled = false;

/**
 * Makes glibc keep freed memory for new chunks. By default, glibc returns the memory of chunks of 1 MiB to Linux after
 * each garbage collection. Each page of a new chunk causes a page fault, which takes longer than copying the page.
 *
 * After a large block is freed, glibc keeps free memory of up to twice the size of the block. V8 frees the block of
 * this function at its next garbage collection. Nothing is written to the block, so it uses no physical memory. With
 * other memory allocators, this function has no effect.
 *
 * @see https://man7.org/linux/man-pages/man3/mallopt.3.html (M_MMAP_THRESHOLD)
 */
export function keepFreedMemory(): void {
  if (isCalled) return;
  isCalled = true;
  Buffer.allocUnsafeSlow(BLOCK_BYTES);
}
