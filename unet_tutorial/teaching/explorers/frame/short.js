// Numbers in few digits, for cells that are small and images that can hold anything.

import { written } from "./svg.js";

/** A number as it is written: whole numbers as they are, others with at most two decimals. */
export function short(number) {
  const value = shortened(number);
  const [digits, power] = String(Math.abs(value)).split("e");
  if (power) return `${value < 0 ? "−" : ""}${digits}e${power.replace("-", "−")}`;
  return Number.isInteger(value) ? written(value) : String(value).replace("-", "−");
}

function shortened(number) {
  const size = Math.abs(number);
  if (size >= 1e5) return Number(number.toPrecision(3));
  if (size >= 100) return Math.round(number) + 0;
  if (size >= 0.01 || size < 1e-9) return Math.round(number * 100) / 100 + 0; // + 0: never −0
  return Number(number.toPrecision(1));
}

/** Whether that is the number itself, so that "=" can stand before it, and not "≈". */
export const isShort = (number) => Math.abs(number - shortened(number)) < 1e-9;

/** A weight: like any number, but a ninth is written 1/9. */
export function weightWords(weight) {
  return isFraction(weight) ? `1/${Math.round(1 / weight)}` : short(weight);
}

export const isFraction = (weight) =>
  !isShort(weight) && weight > 0.01 && Math.abs(1 / weight - Math.round(1 / weight)) < 1e-9;

const COUNTED = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** A count in words up to nine: "three windows". */
export const counted = (number) => COUNTED[number] ?? written(number);

export const capital = (words) => words[0].toUpperCase() + words.slice(1);

/** "the last row and column", "the last 2 rows", "the last 2 rows and the last column". */
export function lastOnes(rows, columns) {
  if (rows === columns) return `${last(rows, "row")} and ${rows === 1 ? "column" : "columns"}`;
  return [rows && last(rows, "row"), columns && last(columns, "column")].filter(Boolean).join(" and ");
}

const last = (count, name) => (count === 1 ? `the last ${name}` : `the last ${count} ${name}s`);

/** The size of a map: "7 × 7". */
export const sizeOf = (map) => `${map.length} × ${map[0].length}`;
