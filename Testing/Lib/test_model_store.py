"""Networks are found where they lie, and only the file that the card vouches for is taken."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx_models import make_card, make_network, save_model

from LungSegmentationLib.errors import ModelError
from LungSegmentationLib.network.model_store import Model, check_file, file_sha256, find_model, list_models, model_folders
from LungSegmentationLib.network.onnx_file import has_external_data


def test_models_are_listed_by_name_and_the_first_folder_wins(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    own = save_model(first, card=make_card("compact", title="Own"))
    save_model(second, card=make_card("compact", title="Bundled"))
    other = save_model(second, card=make_card("another"))
    folders = (tmp_path / "not-there", first, second)
    assert list_models(folders) == (other, own)
    assert find_model("compact", folders) == own
    assert find_model("another", folders) == other


def test_folders_of_the_environment_come_before_the_bundled_one(tmp_path, monkeypatch):
    monkeypatch.setenv("LUNGSEGMENTATION_MODELS", os.pathsep.join(["", str(tmp_path), "elsewhere"]))
    folders = model_folders()
    assert folders[:2] == (tmp_path, Path("elsewhere"))
    assert folders[2].parts[-3:] == ("LungSegmentation", "Resources", "Models")
    model = save_model(tmp_path, card=make_card("mine"))
    assert find_model("mine") == model
    assert model in list_models()


def test_model_is_found_by_either_path(tmp_path):
    model = save_model(tmp_path)
    assert find_model(tmp_path / "tiny.json") == find_model(str(tmp_path / "tiny.onnx")) == model
    (tmp_path / "tiny.json").rename(tmp_path / "renamed.json")
    assert find_model(tmp_path / "renamed.json") == model


def test_what_is_not_there_is_named(tmp_path):
    model = save_model(tmp_path, card=make_card("compact"))
    with pytest.raises(ModelError, match=r"no network 'large'; expected one of compact, .*folders searched"):
        find_model("large", [tmp_path])
    with pytest.raises(ModelError, match="no network is installed"):
        find_model("large", [tmp_path / "not-there"])
    with pytest.raises(ModelError, match=r"large\.json cannot be read"):
        find_model(tmp_path / "large.onnx")
    model.path.unlink()
    for search in (lambda: find_model("compact", [tmp_path]), lambda: list_models([tmp_path])):
        with pytest.raises(ModelError, match=r"compact\.onnx of the card compact\.json is not there"):
            search()


def test_card_under_another_name_is_refused_in_a_folder(tmp_path):
    save_model(tmp_path)
    (tmp_path / "tiny.json").rename(tmp_path / "large.json")
    with pytest.raises(ModelError, match=r"large\.json: name is 'tiny'; expected 'large'"):
        list_models([tmp_path])


def test_one_changed_bit_is_noticed(tmp_path):
    model = save_model(tmp_path)
    check_file(model)
    content = bytearray(model.path.read_bytes())
    content[len(content) // 2] ^= 1
    model.path.write_bytes(content)
    with pytest.raises(ModelError, match=f"tiny.onnx has the SHA-256 [0-9a-f]{{64}}; its card says {model.card.sha256}"):
        check_file(model)


def test_hash_is_the_standard_one(tmp_path):
    # FIPS 180-2, example B.3: one million letters a.
    (tmp_path / "a").write_bytes(b"a" * 1_000_000)
    assert file_sha256(tmp_path / "a") == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"


def external(location: str) -> TensorProto:
    tensor = TensorProto(name="elsewhere", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    return tensor


def inside(tensor: TensorProto) -> TensorProto:
    return numpy_helper.from_array(np.ones(tuple(tensor.dims), np.float32), tensor.name)


def branch(tensor: TensorProto) -> onnx.GraphProto:
    output = helper.make_tensor_value_info("elsewhere", TensorProto.FLOAT, [1])
    return helper.make_graph([], "branch", [], [output], [tensor])


def sparse(tensor: TensorProto) -> onnx.SparseTensorProto:
    return helper.make_sparse_tensor(tensor, numpy_helper.from_array(np.zeros(1, np.int64), "places"), [1])


def in_function(model: onnx.ModelProto, tensor: TensorProto) -> None:
    node = helper.make_node("Constant", [], ["one"], value=tensor)
    model.functions.append(helper.make_function("own", "One", [], ["one"], [node], [helper.make_opsetid("", 17)]))


PLACES = {
    "initializer": lambda model, tensor: model.graph.initializer.append(tensor),
    "sparse initializer": lambda model, tensor: model.graph.sparse_initializer.append(sparse(tensor)),
    "attribute": lambda model, tensor: model.graph.node.append(helper.make_node("Constant", [], ["one"], value=tensor)),
    "list attribute": lambda model, tensor: model.graph.node.append(helper.make_node("Own", [], ["one"], values=[tensor])),
    "sparse attribute": lambda model, tensor: model.graph.node.append(
        helper.make_node("Constant", [], ["one"], sparse_value=sparse(tensor))
    ),
    "branch": lambda model, tensor: model.graph.node.append(helper.make_node("If", ["so"], ["one"], then_branch=branch(tensor))),
    "list of branches": lambda model, tensor: model.graph.node.append(helper.make_node("Own", [], ["one"], graphs=[branch(tensor)])),
    "function": in_function,
    "training": lambda model, tensor: model.training_info.add().initialization.initializer.append(tensor),
}


@pytest.mark.parametrize("place", PLACES)
def test_weights_outside_the_file_are_found_wherever_they_are_named(place, tmp_path):
    for tensor in (inside(external("")), external("../secret.bin"), external("beside.bin")):
        network = make_network()
        PLACES[place](network, tensor)
        path = tmp_path / "network.onnx"
        path.write_bytes(network.SerializeToString())
        assert has_external_data(path) is (tensor.data_location == TensorProto.EXTERNAL)


def test_weights_outside_the_file_are_refused_whatever_the_card_says(tmp_path):
    network = make_network()
    (tmp_path / "secret.bin").write_bytes(bytes(4))
    for tensor in network.graph.initializer:
        onnx.external_data_helper.set_external_data(tensor, "../secret.bin")
    folder = tmp_path / "models"
    folder.mkdir()
    with pytest.raises(ModelError, match="reads weights from other files"):
        check_file(save_model(folder, network))


@pytest.mark.parametrize("content", [b"", b"\x00", b"not a network at all", b"\xff" * 40, b"\x3b", b"\x08\x08", b"\x3a\x05\x0a"])
def test_what_is_no_network_is_refused(content, tmp_path):
    path = tmp_path / "tiny.onnx"
    path.write_bytes(content)
    card = make_card(sha256=file_sha256(path))
    with pytest.raises(ModelError, match=r"tiny\.onnx is "):
        check_file(Model(card, path))


def points_elsewhere(message) -> bool:
    """Tell the same by the reference parser's own description of all messages."""
    if isinstance(message, TensorProto) and (message.data_location == TensorProto.EXTERNAL or message.external_data):
        return True
    values = [value for field, value in message.ListFields() if field.type == field.TYPE_MESSAGE]
    return any(points_elsewhere(part) for value in values for part in ([value] if hasattr(value, "ListFields") else value))


def network_with_all_places() -> bytes:
    network = make_network()
    for number, add in enumerate(PLACES.values()):
        add(network, external("beside.bin") if number == len(PLACES) - 2 else inside(external("")))
    return network.SerializeToString()


@settings(max_examples=300, deadline=None)
@given(data=st.data(), whole=st.sampled_from([make_network().SerializeToString(), network_with_all_places()]))
def test_damaged_file_never_hides_what_the_reference_parser_finds(data, whole, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "damaged.onnx"
    place = data.draw(st.integers(0, len(whole) - 1))
    content = whole[:place] + data.draw(st.binary(max_size=3)) + whole[place + data.draw(st.integers(0, 3)) :]
    content = content[: data.draw(st.just(len(content)) | st.integers(0, len(content)))]
    path.write_bytes(content)
    try:
        found = has_external_data(path)
    except ModelError:
        return
    try:
        parsed = onnx.ModelProto.FromString(content)
    except DecodeError:
        return
    assert found == points_elsewhere(parsed)


def test_file_that_vanishes_is_named(tmp_path):
    model = save_model(tmp_path)
    with pytest.raises(ModelError, match="cannot be read"):
        check_file(replace(model, path=tmp_path / "gone.onnx"))
