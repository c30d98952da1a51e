"""The commands of ``zhoubao``, by what their users do: each reads its words, calls one function and prints."""
