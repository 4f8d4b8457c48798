/** The path and shape of one array in a record. */
export interface TensorShape {
  readonly path: string;
  readonly shape: readonly number[];
}
