"""What a program or a notebook uses: any image in, a result that turns into what other libraries know."""
