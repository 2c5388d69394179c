"""Hand a lab in: find the student's notebooks, in JupyterLab or Colab, and make the zip."""
