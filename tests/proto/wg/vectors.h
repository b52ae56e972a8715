/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Written by test_vectors.py, which says how. */
/* clang-format off */
#ifndef WGRD_TESTS_PROTO_WG_VECTORS_H
#define WGRD_TESTS_PROTO_WG_VECTORS_H

#include <stdint.h>

struct handshake_vector {
	const char *name;
	uint32_t index_i, index_r;
	uint64_t counter;
	/* All in hexadecimal. key_i seals what the initiator sends. */
	const char *private_i, *private_r, *ephemeral_i, *ephemeral_r, *psk, *stamp;
	const char *cookie, *cookie_nonce, *packet;
	const char *public_i, *public_r, *initiation, *response, *key_i, *key_r;
	const char *data, *reply;
};

static const struct handshake_vector handshake_vectors[] = {
	{
		.name = "no psk",
		.private_i = "12c0dbd6d16a68e5c894cc80ff05003fc7afaace240d95a6f979dc0412d60d5c",
		.private_r = "fdb30e8b1421d1c0af946f63418e4a90f1fd8ef6eb8f8bc36334e9f2e3332e05",
		.ephemeral_i = "66a1c68f29a4ff09ab70df09aa663964ad47506befb1d62e2c66cbefa95a5c64",
		.ephemeral_r = "50b1526ed963339492ecae4f79f4972c2e2ef160c5de4506eb2fb7be3f6a0f4c",
		.psk = "0000000000000000000000000000000000000000000000000000000000000000",
		.stamp = "40000000695735af1d000000",
		.index_i = 0x1020304,
		.index_r = 0xf1f2f3f4,
		.cookie = "00000000000000000000000000000000",
		.cookie_nonce = "8b831d7c25998b1571f41a3aae360a97a9110d55b5d9548f",
		.counter = 0x0,
		.packet = "",
		.public_i = "5262be7dbf1ff923ad899c3bd91e1929ad32fbfa78c117cc8a5ededde6530661",
		.public_r = "bb6d07ee9ce846fc9fa200c5723eb1c863fc904ab25b437b1d86e207862ab238",
		.initiation = "01000000040302017b67d9e6c08908b063b696ddd31eef7e4727f7945db5005a"
			"8c69c90e6b7eaf37efc4fdd1ff8a2e64403694d83e5f29290361c6e8c3ef88a7"
			"52fa9877e4ff377de612d15ac25b7dfd5c970d67783541e8029519368adce527"
			"6546dd5a1211fa6e416c8ccb8722551389e3c6c30b784ca185707677a283584a"
			"6569a88900000000000000000000000000000000",
		.response = "02000000f4f3f2f104030201c1ab511eeb1f6135c0ebbf3498662ee7f58eba64"
			"17ec4df6c8d70bb293da3603f9d80f4083b6d90b178dd2f7048c2e96c13fcdbd"
			"c3cd49607993bcb8943f211900000000000000000000000000000000",
		.key_i = "dd383b21c0dff024ee685d1ba06fed4f70f5e5750d6fb3d791a45fc67cf535fb",
		.key_r = "c5a221cace322886015be8a0cf1a543631c1d234fed1629de1cfbddd88c057bd",
		.data = "04000000f4f3f2f10000000000000000822131149f1e3c98dbdd59fe95bec260",
		.reply = "03000000040302018b831d7c25998b1571f41a3aae360a97a9110d55b5d9548f"
			"1ee820f078ff55c096e5d140ceb64b38d989b21a719b22bcd48fa248f1f3be12",
	},
	{
		.name = "psk",
		.private_i = "b6c19ce597ec18cf991c58b194b59e764e27f0d616b7a8c429154f134f2ea9aa",
		.private_r = "a105de6030deb73eba283924bad551630e7dc8cec11f36c411eeb5737965fe21",
		.ephemeral_i = "ec85c1c1589fcfa0c93179266712842a586a2aaba882014e39e784d0564f9334",
		.ephemeral_r = "d348d456d105d8ff2b85bf701cfe82f809d8c9db69e2359bf7af77e641ed0f24",
		.psk = "54ac143b54b9ee0258508a46c7b16fdbef809356d5d1a2736cdd4f342f60cce8",
		.stamp = "40000000695735b01d000000",
		.index_i = 0x1020305,
		.index_r = 0xf1f2f3f3,
		.cookie = "0fc045b86388e937b6032f63c0808f0a",
		.cookie_nonce = "d4041aaed4ee002ba248bcdb73744e33306f09c50d18a398",
		.counter = 0x1122334455667788,
		.packet = "666f7274792d74776f206279746573206f6620736f6d657468696e672c206f72"
			"206e6561726c7920736f",
		.public_i = "d494d6657f6d7e91ba9cd92e4eee97d81c11e6065699ab7cf9bb1e0aedc44134",
		.public_r = "153efa8f234d1430f8d24c45efb52132488542775bb2c279a871d94f1c66fa73",
		.initiation = "010000000503020193fdbabf005f65677d14e198b4d51147a83402c4e1722db2"
			"aca57ec5ad1f4653bcb1d8f2b3cd20afc5f9d19d108c8d016f8892fbfe3bac72"
			"8a9e6f51a7ef463843d57cff2b5e0b6f0f363c32fa478f4d13c1fc28ff8c6f06"
			"441ced276ecfca8848d6fa7cd6ee933d5c566a207825a96371af21b6f18b3829"
			"569d09bf00000000000000000000000000000000",
		.response = "02000000f3f3f2f1050302013aeb61298bde46ca83fff40586d3e87bec9d9082"
			"9cbbd9c3c002279f1a60825b70846ef2e447ea4b4a7ad4109494d69ec5dd0884"
			"a6bf00af022bd302d2d811fc261c6f4bb963b5888a973eccd81034bd",
		.key_i = "0493762e522e4b2f4ae6975d121664fd178d5e515ae56cbc24d3a8b7cc655144",
		.key_r = "403b7f303154f8bad83ed6de354d2cd3100a0bc4b91a619e2448a085ab04fa87",
		.data = "04000000f3f3f2f18877665544332211805bf7b81fd78ffb736f8dc3e70b7c26"
			"7e47f015fc2f7f67d70b5dc2c3d4d555aab42fc9656ef94296d6a7e471c63207"
			"235f7afad292bf7384a56b80223f5348",
		.reply = "0300000005030201d4041aaed4ee002ba248bcdb73744e33306f09c50d18a398"
			"2b6f6f9b6f7da2b423c2e368f75c3443fcb055de1e7fb4d8498679db56fc602b",
	},
};

#endif
