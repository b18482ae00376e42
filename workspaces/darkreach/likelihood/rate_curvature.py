"""Second derivatives of the expected rates, weighted by the slope of the likelihood: the part beyond Gauss-Newton."""

from __future__ import annotations

from darkreach.likelihood.expected_rates import bin_product
from darkreach.likelihood.model_arrays import NO_PARAMETER, FloatArray, ModelArrays, Scratch


def add_symmetric(hessian: FloatArray, first: int, second: int, value: float) -> None:
    """Add a second derivative and its mirror image to a symmetric matrix kept as its lower triangle."""
    if first == second:
        hessian[first, first] += 2.0 * value
    elif first > second:
        hessian[first, second] += value
    else:
        hessian[second, first] += value


def fill_cell_weights(model: ModelArrays, scratch: Scratch) -> None:
    """Fill the derivative of the likelihood by the rate of each cell."""
    weight, slope, gamma, is_scaled = scratch.cell_weight, scratch.slope, scratch.gamma, model.scaled
    block_cell, block_bin = model.block_cell, model.block_bin
    for block in range(block_bin.size):
        begin, bins = block_cell[block], block_bin[block]
        for cell in range(block_cell[block + 1] - begin):
            weight[begin + cell] = slope[bins + cell] * (gamma[bins + cell] if is_scaled[begin + cell] else 1.0)


def add_factor_curvature(model: ModelArrays, scratch: Scratch) -> None:
    """Add the second derivatives by pairs of scalar factors."""
    hessian, weight, template, cell_factor = scratch.hessian, scratch.cell_weight, scratch.template, scratch.cell_factor
    first, parameters, value, rest = (
        model.factor_first,
        model.factor_parameter,
        scratch.factor_value,
        scratch.factor_rest,
    )
    block_cell = model.block_cell
    for block in range(block_cell.size - 1):
        total = 0.0
        for cell in range(block_cell[block], block_cell[block + 1]):
            total += weight[cell] * template[cell] * cell_factor[cell]
        for entry in range(first[block], first[block + 1]):
            parameter = parameters[entry]
            hessian[parameter, parameter] += total * value[entry, 2] * rest[entry]
            for partner in range(first[block], entry):
                if value[partner, 0] != 0.0:
                    others = rest[entry] / value[partner, 0]
                else:
                    others = 1.0
                    for other in range(first[block], first[block + 1]):
                        if other not in (entry, partner):
                            others *= value[other, 0]
                change = total * value[entry, 1] * value[partner, 1] * others
                add_symmetric(hessian, parameter, parameters[partner], change)


def add_shift_curvature(model: ModelArrays, scratch: Scratch) -> None:
    """Add the second derivatives by shape shifts, alone and with scalar factors."""
    hessian, weight, cell_factor = scratch.hessian, scratch.cell_weight, scratch.cell_factor
    factor_first, factor_parameter = model.factor_first, model.factor_parameter
    factor_value, rest, block_factor = scratch.factor_value, scratch.factor_rest, scratch.block_factor
    first, parameters, cell_of = model.shift_first, model.shift_parameter, model.shift_cell
    shift_up, shift_down, value = model.shift_up, model.shift_down, scratch.shift_value
    block_cell = model.block_cell
    for block in range(block_cell.size - 1):
        begin = block_cell[block]
        for entry in range(first[block], first[block + 1]):
            start, parameter = cell_of[entry], parameters[entry]
            up, down = 0.0, 0.0
            for cell in range(block_cell[block + 1] - begin):
                product = weight[begin + cell] * cell_factor[begin + cell]
                up += product * shift_up[start + cell]
                down += product * shift_down[start + cell]
            hessian[parameter, parameter] += block_factor[block] * (value[entry, 4] * up + value[entry, 5] * down)
            slope = value[entry, 2] * up + value[entry, 3] * down
            for partner in range(factor_first[block], factor_first[block + 1]):
                change = slope * factor_value[partner, 1] * rest[partner]
                add_symmetric(hessian, parameter, factor_parameter[partner], change)


def add_bin_factor_curvature(model: ModelArrays, theta: FloatArray, scratch: Scratch, block: int) -> None:
    """Add the second derivatives that involve bin-wise factors (shapefactor and second gammas of a bin)."""
    begin, factors, shifts = model.block_cell[block], scratch.factor_value, scratch.shift_value
    factor = scratch.block_factor[block]
    for entry in range(model.bin_factor_first[block], model.bin_factor_first[block + 1]):
        for cell in range(model.block_cell[block + 1] - begin):
            parameter = model.bin_factor_parameter[model.bin_factor_cell[entry] + cell]
            if parameter == NO_PARAMETER:
                continue
            weight = scratch.cell_weight[begin + cell]
            others = weight * bin_product(model, theta, block, cell, entry, -1)
            for partner in range(model.factor_first[block], model.factor_first[block + 1]):
                value = others * scratch.template[begin + cell] * factors[partner, 1] * scratch.factor_rest[partner]
                add_symmetric(scratch.hessian, parameter, model.factor_parameter[partner], value)
            for partner in range(model.shift_first[block], model.shift_first[block + 1]):
                start = model.shift_cell[partner] + cell
                slope = shifts[partner, 2] * model.shift_up[start] + shifts[partner, 3] * model.shift_down[start]
                add_symmetric(scratch.hessian, parameter, model.shift_parameter[partner], others * factor * slope)
            for partner in range(model.bin_factor_first[block], entry):
                second = model.bin_factor_parameter[model.bin_factor_cell[partner] + cell]
                if second != NO_PARAMETER:
                    rest = bin_product(model, theta, block, cell, entry, partner)
                    value = weight * factor * scratch.template[begin + cell] * rest
                    add_symmetric(scratch.hessian, parameter, second, value)


def add_rate_curvature(model: ModelArrays, theta: FloatArray, scratch: Scratch) -> None:
    """Add all second derivatives of the rates to the Hessian."""
    fill_cell_weights(model, scratch)
    add_factor_curvature(model, scratch)
    if model.shift_parameter.size > 0:
        add_shift_curvature(model, scratch)
    if model.bin_factor_parameter.size > 0:
        for block in range(model.block_bin.size):
            add_bin_factor_curvature(model, theta, scratch, block)
