"""Expected rates of all bins and their derivatives: (nominal + sum of shape shifts) * product of factors, per sample.

Arrays are bound to local names before loops: numba then neither counts references nor reloads inside them.
"""

from __future__ import annotations

from darkreach.likelihood.interpolation import normalisation_factor, shape_weights
from darkreach.likelihood.model_arrays import LINEAR_FACTOR, NO_PARAMETER, FloatArray, ModelArrays, Scratch


def fill_interpolations(model: ModelArrays, theta: FloatArray, scratch: Scratch) -> None:
    """Evaluate every interpolation and factor, with derivatives, once per parameter and block."""
    shift_parameter, shift_value = model.shift_parameter, scratch.shift_value
    for entry in range(shift_parameter.size):
        shape_weights(theta[shift_parameter[entry]], shift_value[entry])
    factor_parameter, factor_kind, factor_value = model.factor_parameter, model.factor_kind, scratch.factor_value
    polynomial = model.factor_polynomial
    for entry in range(factor_parameter.size):
        value = theta[factor_parameter[entry]]
        if factor_kind[entry] == LINEAR_FACTOR:
            factor_value[entry, 0] = value
            factor_value[entry, 1] = 1.0
            factor_value[entry, 2] = 0.0
        else:
            normalisation_factor(value, polynomial[entry], factor_value[entry])


def fill_products(model: ModelArrays, scratch: Scratch) -> None:
    """Multiply the scalar factors of each block: all of them, and all but one."""
    first, value, rest, block_factor = (
        model.factor_first,
        scratch.factor_value,
        scratch.factor_rest,
        scratch.block_factor,
    )
    for block in range(block_factor.size):
        product = 1.0
        for entry in range(first[block], first[block + 1]):
            rest[entry] = product
            product *= value[entry, 0]
        block_factor[block] = product
        product = 1.0
        for entry in range(first[block + 1] - 1, first[block] - 1, -1):
            rest[entry] *= product
            product *= value[entry, 0]


def fill_templates(model: ModelArrays, theta: FloatArray, scratch: Scratch) -> None:
    """Sum the nominal rate and the shape shifts of each block, and multiply its bin-wise factors."""
    template, nominal, cell_factor = scratch.template, model.nominal, scratch.cell_factor
    block_cell, shift_first, shift_cell = model.block_cell, model.shift_first, model.shift_cell
    shift_up, shift_down, shift_value = model.shift_up, model.shift_down, scratch.shift_value
    for cell in range(nominal.size):
        template[cell] = nominal[cell]
    for block in range(block_cell.size - 1):
        begin, cells = block_cell[block], block_cell[block + 1] - block_cell[block]
        for entry in range(shift_first[block], shift_first[block + 1]):
            start, up, down = shift_cell[entry], shift_value[entry, 0], shift_value[entry, 1]
            for cell in range(cells):
                template[begin + cell] += up * shift_up[start + cell] + down * shift_down[start + cell]
    parameters, first, cell_of = model.bin_factor_parameter, model.bin_factor_first, model.bin_factor_cell
    if parameters.size > 0:
        cell_factor.fill(1.0)
        for block in range(block_cell.size - 1):
            begin, cells = block_cell[block], block_cell[block + 1] - block_cell[block]
            for entry in range(first[block], first[block + 1]):
                for cell in range(cells):
                    parameter = parameters[cell_of[entry] + cell]
                    if parameter != NO_PARAMETER:
                        cell_factor[begin + cell] *= theta[parameter]


def add_rates(model: ModelArrays, scratch: Scratch) -> None:
    """Add all blocks to the rates, and their scalar factors to the Jacobians."""
    template, cell_factor, block_factor = scratch.template, scratch.cell_factor, scratch.block_factor
    plain, scaled, is_scaled = scratch.plain, scratch.scaled, model.scaled
    plain_jacobian, scaled_jacobian = scratch.plain_jacobian, scratch.scaled_jacobian
    block_cell, block_bin, held = model.block_cell, model.block_bin, model.held
    first, parameters, value, rest = (
        model.factor_first,
        model.factor_parameter,
        scratch.factor_value,
        scratch.factor_rest,
    )
    for block in range(block_bin.size):
        begin, cells, bins = block_cell[block], block_cell[block + 1] - block_cell[block], block_bin[block]
        for cell in range(cells):
            rate = block_factor[block] * template[begin + cell] * cell_factor[begin + cell]
            if is_scaled[begin + cell]:
                scaled[bins + cell] += rate
            else:
                plain[bins + cell] += rate
        for entry in range(first[block], first[block + 1]):
            parameter, slope = parameters[entry], value[entry, 1] * rest[entry]
            if held[parameter]:
                continue
            for cell in range(cells):
                change = slope * template[begin + cell] * cell_factor[begin + cell]
                if is_scaled[begin + cell]:
                    scaled_jacobian[bins + cell, parameter] += change
                else:
                    plain_jacobian[bins + cell, parameter] += change


def add_shift_slopes(model: ModelArrays, scratch: Scratch) -> None:
    """Add the shape shifts of all blocks to the Jacobians."""
    cell_factor, block_factor, is_scaled = scratch.cell_factor, scratch.block_factor, model.scaled
    plain_jacobian, scaled_jacobian = scratch.plain_jacobian, scratch.scaled_jacobian
    block_cell, block_bin, held = model.block_cell, model.block_bin, model.held
    first, parameters, cell_of = model.shift_first, model.shift_parameter, model.shift_cell
    shift_up, shift_down, value = model.shift_up, model.shift_down, scratch.shift_value
    for block in range(block_bin.size):
        begin, cells, bins = block_cell[block], block_cell[block + 1] - block_cell[block], block_bin[block]
        for entry in range(first[block], first[block + 1]):
            start, parameter = cell_of[entry], parameters[entry]
            if held[parameter]:
                continue
            up, down = block_factor[block] * value[entry, 2], block_factor[block] * value[entry, 3]
            for cell in range(cells):
                change = up * shift_up[start + cell] + down * shift_down[start + cell]
                if is_scaled[begin + cell]:
                    scaled_jacobian[bins + cell, parameter] += change * cell_factor[begin + cell]
                else:
                    plain_jacobian[bins + cell, parameter] += change * cell_factor[begin + cell]


def bin_product(model: ModelArrays, theta: FloatArray, block: int, cell: int, first: int, second: int) -> float:
    """Return the product of the bin-wise factors at a cell (counted in its block) without two entries."""
    product = 1.0
    for entry in range(model.bin_factor_first[block], model.bin_factor_first[block + 1]):
        parameter = model.bin_factor_parameter[model.bin_factor_cell[entry] + cell]
        if parameter != NO_PARAMETER and entry != first and entry != second:
            product *= theta[parameter]
    return product


def add_bin_factor_slopes(model: ModelArrays, theta: FloatArray, scratch: Scratch) -> None:
    """Add the bin-wise factors of all blocks to the Jacobians."""
    for block in range(model.block_bin.size):
        begin, bins = model.block_cell[block], model.block_bin[block]
        for entry in range(model.bin_factor_first[block], model.bin_factor_first[block + 1]):
            for cell in range(model.block_cell[block + 1] - begin):
                parameter = model.bin_factor_parameter[model.bin_factor_cell[entry] + cell]
                if parameter == NO_PARAMETER or model.held[parameter]:
                    continue
                others = bin_product(model, theta, block, cell, entry, -1)
                change = scratch.block_factor[block] * scratch.template[begin + cell] * others
                if model.scaled[begin + cell]:
                    scratch.scaled_jacobian[bins + cell, parameter] += change
                else:
                    scratch.plain_jacobian[bins + cell, parameter] += change


def expected_rates(model: ModelArrays, theta: FloatArray, scratch: Scratch) -> None:
    """Fill the rates and Jacobians of ``scratch`` for the parameters ``theta``."""
    scratch.plain.fill(0.0)
    scratch.scaled.fill(0.0)
    scratch.plain_jacobian.fill(0.0)
    scratch.scaled_jacobian.fill(0.0)
    fill_interpolations(model, theta, scratch)
    fill_products(model, scratch)
    fill_templates(model, theta, scratch)
    add_rates(model, scratch)
    if model.shift_parameter.size > 0:
        add_shift_slopes(model, scratch)
    if model.bin_factor_parameter.size > 0:
        add_bin_factor_slopes(model, theta, scratch)
