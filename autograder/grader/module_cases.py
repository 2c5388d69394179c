"""Cases for exercises whose answer is an ``nn.Module``: given weights are copied in, outputs and gradients compared.

The arguments of such a case are ``(arguments, weights, *inputs)``: what the class is made with, the weights by name,
and what goes through it: tensors, or lists of them; :func:`course.checking.random_inputs.module_inputs` makes them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Generator, Tensor
from torch.func import functional_call

from autograder.grader.common_cases import as_float64, ordinary
from autograder.grader.exercise import Case
from autograder.student.fake_cuda import on_other_device
from autograder.student.torch_internals import tree_leaves, tree_map
from course.checking.comparing import difference
from course.checking.modules import fresh, outputs, with_weights

NAMES_AND_SHAPES = "The docstring names the layers: with other names or shapes the weights cannot be copied in."


SEEDED = (
    "Your class seeds torch's random numbers (torch.manual_seed): then every object begins with the same weights, "
    "and making one restarts all other random numbers too. Leave seeds to the notebook."
)


def _copies(inputs: list[Any]) -> list[Any]:
    """Inputs that a call may spoil without a trace."""
    return list(tree_map(lambda value: value.clone() if isinstance(value, Tensor) else value, inputs))


def steady_outputs(module: Callable, args: tuple) -> Any:
    """The outputs, of the first of two calls.

    Raises:
        ValueError: the second call, with the same input, gave others.
    """
    arguments, weights, *inputs = args
    made = with_weights(module, arguments, weights)
    first, second = made(*_copies(inputs)), made(*_copies(inputs))
    found = difference(first, second, rtol=1e-4, atol=1e-5)
    if found and found.kind in ("shape", "values"):
        raise ValueError(
            "two calls with the same input gave different outputs: forward draws nothing at random, as dropout does, "
            "and keeps nothing from call to call"
        )
    return first


def leaves_seeds(module: Callable, args: tuple) -> Tensor:
    """Whether torch's random numbers after an object was made, and called, still depend on the seed before."""
    arguments, _, *inputs = args
    states = []
    with torch.random.fork_rng(devices=[]):
        for seed in (1, 2):
            torch.default_generator.manual_seed(seed)
            module(*arguments)(*_copies(inputs))
            states.append(torch.get_rng_state())
    return torch.tensor(not torch.equal(*states))


def gradients(module: Callable, args: tuple) -> Any:
    """The gradients of a fixed mixture of all outputs, by the inputs and then by each weight in its order."""
    arguments, weights, *inputs = args
    made = with_weights(module, arguments, weights)
    copies = tree_map(lambda value: value.clone().requires_grad_(), inputs)
    leaves = tree_leaves(copies)  # before the call, which may put others into a list of them: that has its own case
    answers = [answer for answer in tree_leaves(made(*copies)) if isinstance(answer, Tensor)]
    # cosines of 0, 1, 2, …: every output counts differently, so that none can stand in for another
    mixture = torch.stack(
        [(answer.flatten() * torch.arange(answer.numel()).to(answer).cos()).sum() for answer in answers]
    ).sum()
    return gradients_of(mixture, [*leaves, *(made.get_parameter(name) for name in weights)])


def gradients_of(value: Tensor, by: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The gradients of ``value``, 0 where it does not depend on something, as when the student's code cut it off."""
    if not value.requires_grad:
        return tuple(torch.zeros_like(each) for each in by)
    return torch.autograd.grad(value, by, retain_graph=True, materialize_grads=True)


def initial(std: float | Callable[[Tensor], float]) -> Callable[[Callable, tuple], Any]:
    """A run that asks, for each parameter, whether it begins as it should: weights N(0, std²), biases 0.

    ``std`` may depend on the weight. For false alarms of less than 1e-6 a module needs at least 4,000 numbers in each
    weight: see :func:`_normal`.
    """
    spread = std if callable(std) else lambda weight: std

    def run(module: Callable, args: tuple) -> Any:
        arguments, weights, *_ = args
        values = fresh(module, arguments).state_dict()
        return tuple(
            torch.tensor(_normal(values[name], spread(weight)) if weight.dim() > 1 else not values[name].any())
            for name, weight in weights.items()
        )

    return run


def _normal(values: Tensor, std: float) -> bool:
    """Whether values look drawn from N(0, std²), by three estimates.

    With n = 4,000 the spread's own relative spread is 1/√(2n) = 1.1 %, so 10 % is 9 sigma (2e-19); the mean may be off
    by 6 sigma (2e-9); the share within one std is 68.3 % ± 0.74 %, so 5 % is 6.8 sigma (1e-11), and uniform values have
    57.7 %.
    """
    values = values.double()
    share = float((values.abs() < std).double().mean())
    return (
        abs(float(values.std()) / std - 1) < 0.1
        and abs(float(values.mean())) < 6 * std / values.numel() ** 0.5
        and abs(share - 0.683) < 0.05
    )


def outputs_and_inputs(module: Callable, args: tuple) -> Any:
    """The outputs together with the inputs as the call left them."""
    return (outputs(module, args), *args[2:])


def outputs_elsewhere(module: Callable, args: tuple) -> Any:
    """The outputs for weights and inputs on another device, brought back."""
    arguments, weights, *inputs = args
    made = with_weights(module, arguments, weights)

    def run(moved: Mapping[str, Tensor], *there: Any) -> Any:
        return functional_call(made, dict(moved), there)

    return on_other_device(run)(weights, *inputs)


def standing(inputs: Callable[[Generator], tuple], many: Callable[[Generator], tuple]) -> tuple[Case, ...]:
    """What every module owes: its outputs' dtype and device follow its inputs', which stay as they are, in good time.

    Args:
        inputs: makes ordinary float32 arguments.
        many: makes arguments of the size that a lab works with.
    """
    plain = ordinary(inputs, outputs)
    return (
        *_of_inputs(inputs, plain),
        Case(
            "weights and inputs on another device",
            inputs,
            "This breaks on a GPU: make new tensors with device=x.device, and stay clear of NumPy and .cpu().",
            weight=0.5,
            run=outputs_elsewhere,
            rtol=1e-4,
            atol=1e-5,
            any_hint=True,
            asks="device",
            plain=plain,
        ),
        Case(
            "torch's random numbers are not seeded again",
            inputs,
            SEEDED,
            weight=0.25,
            run=leaves_seeds,
            expected=torch.tensor(True),
        ),
        Case(
            "a whole feature map in good time",
            many,
            "A few places come out right and a whole map does not: look for what you assume about its size.",
            weight=0.5,
            run=outputs,
            rtol=1e-4,
            atol=1e-5,
            asks="number",
            plain=plain,
        ),
    )


def _of_inputs(inputs: Callable[[Generator], tuple], plain: Case) -> tuple[Case, Case]:
    """That their precision is kept, and that they are left as they were."""
    return (
        Case(
            "float64 in, float64 out",
            lambda generator: as_float64(inputs(generator)),
            "Keep the precision that came in: never call .float(), and make new tensors in the dtype of the input.",
            weight=0.5,
            run=outputs,
            rtol=1e-9,
            atol=1e-9,
            exact_dtype=True,
            any_hint=True,
            asks="precision",
            plain=plain,
        ),
        Case(
            "the inputs are left as they were",
            inputs,
            "Your module changes its own input: functions ending in _ and inplace=True write into the caller's tensor.",
            weight=0.5,
            run=outputs_and_inputs,
            rtol=1e-4,
            atol=1e-5,
            any_hint=True,
            untouched=True,
            asks="arguments",
            plain=plain,
        ),
    )


__all__ = [
    "NAMES_AND_SHAPES",
    "SEEDED",
    "fresh",
    "gradients",
    "gradients_of",
    "initial",
    "leaves_seeds",
    "outputs",
    "outputs_and_inputs",
    "outputs_elsewhere",
    "standing",
    "steady_outputs",
    "with_weights",
]
