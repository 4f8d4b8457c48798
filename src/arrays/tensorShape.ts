/** The shape of one array of a record. */
export interface TensorShape {
  readonly path: string;
  readonly shape: readonly number[];
}
