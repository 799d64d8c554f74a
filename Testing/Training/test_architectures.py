"""The networks are what their sources describe, and the compact one is small."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; it is for training only")

from Training.recipes import RECIPES, find_recipe


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.key)
def test_every_network_labels_every_pixel(recipe):
    network = recipe.make_network().eval()
    image = torch.randn(2, len(recipe.form.neighbour_offsets_mm), 48, 64)
    assert network(image).shape == (2, 5, 48, 64)
    assert recipe.form.rows % recipe.multiple_of == recipe.form.columns % recipe.multiple_of == 0


def kernels(network, kind):
    return [module for module in network.modules() if isinstance(module, kind)]


def test_the_residual_network_has_20_convolutions_and_its_dilations():
    network = find_recipe("resnet").make_network()
    convolutions = kernels(network, torch.nn.Conv2d)
    assert len(convolutions) == 1 + 18 + 2
    three_by_three = [module for module in convolutions if module.kernel_size == (3, 3)]
    assert [module.dilation[0] for module in three_by_three] == [1] * 7 + [2] * 6 + [4] * 6
    assert [module.out_channels for module in three_by_three] == [16] * 7 + [32] * 6 + [64] * 6
    assert not kernels(network, torch.nn.MaxPool2d)


def test_the_unet_has_three_levels_of_64():
    network = find_recipe("unet").make_network()
    assert {module.out_channels for module in kernels(network, torch.nn.Conv2d)} == {64, 5}
    assert len(kernels(network, torch.nn.ConvTranspose2d)) == 2


def test_the_compact_network_is_small_and_sees_the_whole_slice():
    network = find_recipe("compact").make_network().eval()
    assert sum(weights.numel() for weights in network.parameters()) < 1_000_000
    image = torch.randn(1, 5, 112, 128, generator=torch.Generator().manual_seed(0)).requires_grad_()
    network(image)[0, 1, 56, 64].backward()
    seen = image.grad.abs().sum(dim=(0, 1)) > 0
    assert seen.any(dim=0).sum() > 100 and seen.any(dim=1).sum() > 90
