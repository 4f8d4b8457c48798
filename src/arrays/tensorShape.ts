export interface TensorShape {
  readonly path: string;
  readonly shape: readonly number[];
}
